#include "report/outcomes.h"

#include <math.h>
#include <string.h>

#include "common/json.h"
#include "report/format.h"
#include "report/markdown.h"

/* How many did not end well; NAN where these are no outcomes. */
static double failed_of(const json_t *outcomes)
{
    double failed = json_is_object(outcomes) ? 0 : NAN;
    const char *name;
    json_t *count;

    json_object_foreach((json_t *)outcomes, name, count)
    {
        double number = json_number_value(count);

        if (strcmp(name, "ok") != 0 && number > 0)
            failed += number;
    }
    return failed;
}

static const json_t *worst(const struct run *run, const struct workload_cell *cell)
{
    const json_t *found = NULL;
    double most = -1;
    size_t i;
    json_t *sample;

    json_array_foreach(run->samples, i, sample)
    {
        const json_t *outcomes = json_at(sample, "lane.outcomes");
        double failed = failed_of(outcomes);

        if (strcmp(json_text_at(sample, "cell", ""), cell->id) != 0 || !(failed > most))
            continue;
        most = failed;
        found = outcomes;
    }
    return found;
}

double outcomes_failed(const struct run *run, const struct workload_cell *cell)
{
    return failed_of(worst(run, cell));
}

void outcomes_write(FILE *out, const struct run *run, const struct workload_cell *cell)
{
    const json_t *outcomes = worst(run, cell);
    const char *name, *comma = "";
    json_t *count;

    if (!(failed_of(outcomes) > 0)) {
        fputs(outcomes != NULL ? "none" : FORMAT_UNKNOWN, out);
        return;
    }
    json_object_foreach((json_t *)outcomes, name, count)
    {
        if (strcmp(name, "ok") == 0 || !(json_number_value(count) > 0))
            continue;
        fputs(comma, out);
        format_count(out, json_number_value(count));
        fputc(' ', out);
        markdown_text(out, name);
        comma = ", ";
    }
}
