#include "report/patterns_section.h"

#include <string.h>

#include "common/json.h"
#include "report/format.h"
#include "report/markdown.h"

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), size = strlen(end);

    return length >= size && strcmp(text + length - size, end) == 0;
}

/* [label, value, name], of which nothing is certain. */
static void write_bar(FILE *out, const json_t *bar)
{
    const char *name = json_string_value(json_array_get(bar, 2));
    const json_t *value = json_array_get(bar, 1);

    markdown_text(out, json_string_value(json_array_get(bar, 0)));
    fputs(": ", out);
    if (!json_is_number(value))
        fputs(FORMAT_UNKNOWN, out);
    else if (name != NULL && ends_with(name, "_ns"))
        format_duration(out, json_number_value(value));
    else if (name != NULL && ends_with(name, "_bytes"))
        format_bytes(out, json_number_value(value));
    else
        format_count(out, json_number_value(value));
}

static void write_checks(FILE *out, const json_t *checks)
{
    size_t i, held = 0;
    json_t *check;

    json_array_foreach(checks, i, check)
    {
        held += json_is_true(json_object_get(check, "ok"));
    }
    fprintf(out, "%zu of %zu", held, json_array_size(checks));
    json_array_foreach(checks, i, check)
    {
        if (json_is_true(json_object_get(check, "ok")))
            continue;
        fputs("; **not:** ", out);
        markdown_text(out, json_text_at(check, "text", NULL));
    }
}

static void write_row(FILE *out, const json_t *line)
{
    const json_t *bars = json_object_get(line, "bars");
    json_t *bar;
    size_t i;

    fputs("| ", out);
    markdown_text(out, json_text_at(line, "title", NULL));
    fputs(" | ", out);
    markdown_text(out, json_text_at(line, "article", NULL));
    fputs(" | ", out);
    json_array_foreach(bars, i, bar)
    {
        fputs(i > 0 ? "; " : "", out);
        write_bar(out, bar);
    }
    fputs(json_array_size(bars) > 0 ? " | " : FORMAT_UNKNOWN " | ", out);
    write_checks(out, json_object_get(line, "checks"));
    fputs(" |\n", out);
}

void patterns_section_write(FILE *out, const struct run *run, const struct plots *plots)
{
    static const char *const names[] = {"Pattern", "The article", "Measured", "As expected"};
    json_t *line;
    size_t i;

    if (json_array_size(run->patterns) == 0)
        return;
    fputs("## Patterns, mistakes and practices\n\n"
          "Each of the article's patterns as a program, run once against a mock server of its own. "
          "Checks say what had to come; those of times depend on how busy the machine was.\n\n",
          out);
    plots_show(out, plots, "patterns");
    markdown_table_head(out, names, 4);
    json_array_foreach(run->patterns, i, line)
    {
        write_row(out, line);
    }
    fputc('\n', out);
}
