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

static const struct {
    const char *unit, *suffix;
    double scale;
} scales[] = {
    {"ns", "us", 1e3},   {"ns", "ms", 1e6},    {"ns", "s", 1e9},       {"ns", "min", 6e10},
    {"ns", "m", 6e10},   {"ns", "h", 3.6e12},  {"bytes", "b", 1},      {"bytes", "kb", 1e3},
    {"bytes", "k", 1e3}, {"bytes", "mb", 1e6}, {"bytes", "m", 1e6},    {"bytes", "gb", 1e9},
    {"bytes", "g", 1e9}, {"count", "", 1},     {"count", "k", 1e3},    {"share", "%", 0.01},
    {"factor", "", 1},   {"factor", "x", 1},   {"factor", "times", 1},
};

static const struct {
    const char *unit, *example;
} examples[] = {
    {"ns", "a time, such as 5s or 300ms"},
    {"bytes", "such as 50MB"},
    {"share", "such as 30%"},
    {"factor", "how many times, such as 2.5"},
    {"count", "a number, such as 250"},
};

const char *prediction_unit(const char *figure)
{
    const char *end = strrchr(figure, '_');

    for (size_t i = 0; end != NULL && i < COUNT_OF(examples); i++)
        if (strcmp(examples[i].unit, end + 1) == 0)
            return examples[i].unit;
    return "count";
}

const char *prediction_example(const char *unit)
{
    for (size_t i = 0; i < COUNT_OF(examples); i++)
        if (strcmp(examples[i].unit, unit) == 0)
            return examples[i].example;
    return "";
}

int prediction_parse(const char *text, const char *unit, double *value)
{
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
    for (size_t i = 0; i < COUNT_OF(scales); i++)
        if (strcmp(scales[i].unit, unit) == 0 && strcasecmp(scales[i].suffix, end) == 0) {
            *value *= scales[i].scale;
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
        printf("   (%s)", prediction_example(unit));
    json_object_foreach((json_t *)choices, key, text)
    {
        printf("\n    %s  %s", key, json_string_value(text));
    }
}

/* Returns whether the answer can be read. */
static bool take(const json_t *choices, const char *unit, struct prediction *prediction)
{
    char *text = prediction->text;

    if (choices == NULL)
        return prediction_parse(text, unit, &prediction->value) == 0;
    prediction->value = NAN;
    text[0] = (char)tolower((unsigned char)text[0]);
    return json_object_get(choices, text) != NULL;
}

int prediction_ask(const json_t *question, struct prediction *prediction)
{
    const json_t *choices = json_object_get(question, "choices");
    const char *unit = prediction_unit(json_text_at(question, "figure", ""));
    int code;

    *prediction = (struct prediction){.value = NAN};
    show_question(question, choices, unit);
    do {
        printf("\n  > ");
        code = read_line(prediction->text, sizeof(prediction->text));
        if (code < 0 || prediction->text[0] == '\0')
            return code;
        prediction->given = take(choices, unit, prediction);
        if (!prediction->given)
            printf("  '%s' cannot be read; write %s, or nothing to leave it out.", prediction->text,
                   choices != NULL ? "one of the letters" : prediction_example(unit));
    } while (!prediction->given);
    return 0;
}
