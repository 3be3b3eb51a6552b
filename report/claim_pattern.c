#include "report/claim_pattern.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "report/format.h"

/* Whether a line of patterns.jsonl is what the claim selects. */
static bool is_selected(const json_t *line, const json_t *claim)
{
    double n = run_number(claim, "select.n");

    return strcmp(json_text_at(line, "pattern", ""), json_text_at(claim, "select.pattern", "?")) ==
               0 &&
           (isnan(n) || run_number(line, "n") == n);
}

static double figure_of(const json_t *line, const char *name)
{
    return name != NULL ? run_number(json_at(line, "figures"), name) : NAN;
}

/* The claim's figure by one line: a figure, or the ratio of two. NAN: it has none. */
static double value_of(const json_t *line, const json_t *claim)
{
    double value = figure_of(line, json_text_at(claim, "select.figure", NULL));
    const char *to = json_text_at(claim, "to.figure", NULL);

    return to == NULL ? value : figure_of(line, to) > 0 ? value / figure_of(line, to) : NAN;
}

static size_t gather(const json_t *claim, const struct run *run, double *values)
{
    size_t count = 0, i;
    json_t *line;

    json_array_foreach(run->patterns, i, line)
    {
        values[count] = is_selected(line, claim) ? value_of(line, claim) : NAN;
        count += isfinite(values[count]);
    }
    return count;
}

bool claim_pattern_measure(const json_t *claim, const struct run *run,
                           struct stats_summary *measured, FILE *reason)
{
    double *values = calloc(json_array_size(run->patterns) + 1, sizeof(*values));
    size_t count = values != NULL ? gather(claim, run, values) : 0;
    bool known = count > 0 && stats_summarise(values, count, measured) == 0;

    free(values);
    if (!known)
        fputs(json_array_size(run->patterns) == 0
                  ? "The patterns were not run with this run (make patterns RUN=…)."
                  : "The patterns that were run have no such figure.",
              reason);
    return known;
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), size = strlen(end);

    return length >= size && strcmp(text + length - size, end) == 0;
}

bool claim_pattern_write(FILE *out, const char *name, const json_t *claim, const struct run *run)
{
    double value = NAN;
    size_t i;
    json_t *line;

    json_array_foreach(run->patterns, i, line)
    {
        if (is_selected(line, claim) && isnan(value))
            value = strcmp(name, "n") == 0 ? run_number(line, "n") : figure_of(line, name);
    }
    if (!isfinite(value))
        return false;
    if (ends_with(name, "_ns"))
        format_duration(out, value);
    else if (ends_with(name, "_bytes"))
        format_bytes(out, value);
    else
        format_count(out, value);
    return true;
}
