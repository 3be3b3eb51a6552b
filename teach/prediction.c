/* What a learner says beforehand: a number with a unit, or one of several choices. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/json.h"
#include "common/process/interrupt.h"
#include "report/embedded.h"
#include "teach/teach.h"

/* The units: for each how it is written (`example`), and what a number is that has this or that
 * behind it, in small letters. */
static const json_t *units(void)
{
    static json_t *program;

    if (program == NULL)
        program = json_loads(embedded_teach_json, 0, NULL);
    return json_object_get(program, "units");
}

const char *prediction_unit(const char *figure)
{
    const char *end = strrchr(figure, '_');

    return end != NULL && json_object_get(units(), end + 1) != NULL ? end + 1 : "count";
}

int prediction_parse(const char *text, const char *unit, double *value)
{
    char plain[64], *end;
    const json_t *scale;
    size_t length = 0;

    /* Blanks and separators of thousands are people's affair, as large letters are. */
    for (; *text != '\0' && length + 1 < sizeof(plain); text++)
        if (*text != ' ' && *text != ',' && *text != '_')
            plain[length++] = (char)tolower((unsigned char)*text);
    plain[length] = '\0';
    *value = strtod(plain, &end);
    scale = json_object_get(json_object_get(units(), unit), end);
    if (!isdigit((unsigned char)plain[0]) || !isfinite(*value) || !json_is_number(scale))
        return -EINVAL;
    *value *= json_number_value(scale);
    return 0;
}

/* A line of stdin, without a buffer, in which the next lines would be lost to poll(). */
static int read_line(char *line, size_t size)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    size_t length = 0;
    char c = '\0';

    fflush(stdout);
    while (c != '\n') {
        int ready = interrupt_poll(&in, 1, UINT64_MAX);

        if (ready < 0)
            return ready;
        if (read(STDIN_FILENO, &c, 1) != 1)
            return -EIO;
        if (c != '\n' && length + 1 < size)
            line[length++] = c;
    }
    line[length] = '\0';
    return 0;
}

static void show_question(const json_t *question, const char *example, bool project)
{
    char words[600];
    const char *key;
    json_t *text;

    snprintf(words, sizeof(words), "%s (%s)", json_text_at(question, "text", ""), example);
    prose_write(project, words);
    json_object_foreach(json_object_get(question, "choices"), key, text)
    {
        printf("    %s  %s\n", key, json_string_value(text));
    }
}

/* What `text` says, a new reference; NULL: it cannot be read. */
static json_t *take(const json_t *choices, const char *unit, char *text)
{
    double value;

    if (choices == NULL)
        return prediction_parse(text, unit, &value) < 0
                   ? NULL
                   : json_pack("{s:s, s:f}", "text", text, "value", value);
    text[0] = (char)tolower((unsigned char)text[0]);
    return json_object_get(choices, text) != NULL ? json_pack("{s:s}", "text", text) : NULL;
}

int prediction_ask(const json_t *question, bool project, json_t **said)
{
    const json_t *choices = json_object_get(question, "choices");
    const char *unit = prediction_unit(json_text_at(question, "figure", "")),
               *example = json_text_at(json_object_get(units(), unit), "example", "");
    char text[64];
    int code;

    if (choices != NULL)
        example = "one of the letters";
    *said = NULL;
    show_question(question, example, project);
    while (*said == NULL) {
        printf("  > ");
        code = read_line(text, sizeof(text));
        if (code < 0)
            return code;
        *said = text[0] == '\0' ? json_null() : take(choices, unit, text);
        if (*said == NULL)
            printf("  '%s' cannot be read; write %s, or nothing to leave it out.\n", text, example);
    }
    return 0;
}
