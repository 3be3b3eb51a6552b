#include "report/explanation.h"

#include <stdlib.h>

#include "common/json.h"
#include "report/claim_metric.h"
#include "report/claim_reason.h"
#include "report/markdown.h"

static const char *fault_of(const json_t *point)
{
    const json_t *text = json_at(point, "text");
    const struct metric *metric = metric_of(point);
    size_t i;
    json_t *sentence;

    if (metric == NULL || metric_is_none(metric))
        return "the metric of a point is not known";
    if (json_array_size(text) == 0)
        return "each point needs an array \"text\"";
    json_array_foreach(text, i, sentence)
    {
        if (!json_is_string(sentence) || !claim_reason_is_known(json_string_value(sentence)))
            return "a sentence names a figure that is not known";
    }
    return NULL;
}

const char *explanations_fault(const json_t *file)
{
    const char *fault = NULL;
    size_t i, k;
    json_t *explanation, *point;

    json_array_foreach(json_at(file, "explanations"), i, explanation)
    {
        if (json_text_at(explanation, "title", NULL) == NULL)
            return "each needs a title";
        json_array_foreach(json_at(explanation, "points"), k, point)
        {
            fault = fault == NULL ? fault_of(point) : fault;
        }
    }
    return fault;
}

/* Writes the sentences of one point that the run has figures for. */
static size_t write_point(FILE *out, const json_t *json, const struct run *run)
{
    struct claim point = {.json = json};

    return claims_find_cells(&point, run)
               ? claim_reason_write(out, json_at(json, "text"), &point, run)
               : 0;
}

static void write_list(FILE *out, const json_t *points, const struct run *run)
{
    size_t i;
    json_t *point;

    json_array_foreach(points, i, point)
    {
        char *text = NULL;
        size_t length, written = 0;
        FILE *stream = open_memstream(&text, &length);

        if (stream != NULL)
            written = write_point(stream, point, run);
        if (stream != NULL && fclose(stream) == 0 && written > 0)
            fprintf(out, "- %s\n", text);
        free(text);
    }
}

void explanations_write(FILE *out, const struct claims *claims, const struct run *run)
{
    size_t i;
    json_t *explanation;

    json_array_foreach(json_at(claims->json, "explanations"), i, explanation)
    {
        char *list = NULL;
        size_t length = 0;
        FILE *stream = open_memstream(&list, &length);

        if (stream != NULL)
            write_list(stream, json_at(explanation, "points"), run);
        if (stream != NULL && fclose(stream) == 0 && length > 0) {
            fputs("### ", out);
            markdown_text(out, json_text_at(explanation, "title", NULL));
            fprintf(out, "\n\n%s\n", list);
        }
        free(list);
    }
}
