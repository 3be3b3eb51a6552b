#include "teach/prediction.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "common/count.h"
#include "common/json.h"
#include "harness/process/interrupt.h"

/* The units, how each is written, and what stands behind a number in it. */
static const struct unit {
    const char *name, *example;
    struct {
        const char *suffix;
        double scale;
    } scales[7];
} units[] = {
    {"ns",
     "a time, such as 5s or 300ms",
     {{"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"min", 6e10}, {"m", 6e10}, {"h", 3.6e12}}},
    {"bytes",
     "such as 50MB",
     {{"b", 1}, {"kb", 1e3}, {"k", 1e3}, {"mb", 1e6}, {"m", 1e6}, {"gb", 1e9}, {"g", 1e9}}},
    {"share", "such as 30%", {{"%", 0.01}}},
    {"factor", "how many times, such as 2.5", {{"", 1}, {"x", 1}, {"times", 1}}},
    {"count", "a number, such as 250", {{"", 1}, {"k", 1e3}}}, /* and what has no other end */
};

/* The unit of that name, or the last one. */
static const struct unit *find_unit(const char *name)
{
    size_t i = 0;

    while (i + 1 < COUNT_OF(units) && strcmp(units[i].name, name) != 0)
        i++;
    return &units[i];
}

const char *prediction_unit(const char *figure)
{
    const char *end = strrchr(figure, '_');

    return find_unit(end != NULL ? end + 1 : "")->name;
}

int prediction_parse(const char *text, const char *unit, double *value)
{
    const struct unit *of = find_unit(unit);
    char plain[64], *end;
    size_t length = 0;

    /* Blanks and separators of thousands are people's affair. */
    for (; *text != '\0' && length + 1 < sizeof(plain); text++)
        if (*text != ' ' && *text != ',' && *text != '_')
            plain[length++] = *text;
    plain[length] = '\0';
    *value = strtod(plain, &end);
    if (!isdigit((unsigned char)plain[0]) || !isfinite(*value))
        return -EINVAL;
    for (size_t i = 0; i < COUNT_OF(units->scales) && of->scales[i].suffix != NULL; i++)
        if (strcasecmp(of->scales[i].suffix, end) == 0) {
            *value *= of->scales[i].scale;
            return 0;
        }
    return -EINVAL;
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

static void show_question(const json_t *question, const json_t *choices, const char *unit)
{
    const char *key;
    json_t *text;

    printf("  %s", json_text_at(question, "text", ""));
    if (choices == NULL)
        printf("   (%s)", find_unit(unit)->example);
    json_object_foreach((json_t *)choices, key, text)
    {
        printf("\n    %s  %s", key, json_string_value(text));
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

int prediction_ask(const json_t *question, json_t **said)
{
    const json_t *choices = json_object_get(question, "choices");
    const char *unit = prediction_unit(json_text_at(question, "figure", ""));
    char text[64];
    int code;

    *said = NULL;
    show_question(question, choices, unit);
    while (*said == NULL) {
        printf("\n  > ");
        code = read_line(text, sizeof(text));
        if (code < 0)
            return code;
        *said = text[0] == '\0' ? json_null() : take(choices, unit, text);
        if (*said == NULL)
            printf("  '%s' cannot be read; write %s, or nothing to leave it out.", text,
                   choices != NULL ? "one of the letters" : find_unit(unit)->example);
    }
    return 0;
}
