#include "report/claims/sentences.h"

#include <stdlib.h>
#include <string.h>

#include "report/format.h"

/* The end of the name whose opening brace is at `at`; NULL where it has no end. */
static const char *name_end(const char *at)
{
    return strchr(at, '}');
}

/* NULL: the row does not know it. */
static const char *figure_of(const char *name, size_t length, const struct query *query)
{
    int column = query != NULL ? query_column(query, name, length) : -1;
    const char *text = column >= 0 ? (const char *)sqlite3_column_text(query->rows, column) : NULL;

    return text == NULL || strcmp(text, FORMAT_UNKNOWN) == 0 ? NULL : text;
}

static bool write_sentence(FILE *out, const char *sentence, const struct query *query)
{
    const char *open, *end, *figure;

    while ((open = strchr(sentence, '{')) != NULL && (end = name_end(open)) != NULL) {
        figure = figure_of(open + 1, (size_t)(end - open) - 1, query);
        if (figure == NULL)
            return false;
        fprintf(out, "%.*s%s", (int)(open - sentence), sentence, figure);
        sentence = end + 1;
    }
    fputs(sentence, out);
    return true;
}

size_t sentences_write(FILE *out, const json_t *sentences, const struct query *query)
{
    size_t written = 0, i, length;
    json_t *sentence;

    json_array_foreach(sentences, i, sentence)
    {
        char *text = NULL;
        FILE *stream = open_memstream(&text, &length);
        bool whole = stream != NULL && write_sentence(stream, json_string_value(sentence), query);

        if (stream != NULL && fclose(stream) == 0 && whole)
            fprintf(out, "%s%s", written++ > 0 ? " " : "", text);
        free(text);
    }
    return written;
}

static bool is_known(const char *sentence, const struct query *query)
{
    const char *at = sentence, *end;

    while ((at = strchr(at, '{')) != NULL) {
        end = name_end(at);
        if (end == NULL || query == NULL || query_column(query, at + 1, (size_t)(end - at) - 1) < 0)
            return false;
        at = end;
    }
    return true;
}

const char *sentences_fault(const json_t *sentences, const struct query *query)
{
    size_t i;
    json_t *sentence;

    if (sentences != NULL && !json_is_array(sentences))
        return "sentences must be an array of texts";
    json_array_foreach(sentences, i, sentence)
    {
        if (!json_is_string(sentence))
            return "a sentence must be a text";
        if (!is_known(json_string_value(sentence), query))
            return "a sentence names a figure that is no column of its query";
    }
    return NULL;
}
