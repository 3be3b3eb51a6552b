#include "report/table_parts.h"

#include <math.h>

#include "report/format.h"
#include "report/groups.h"
#include "report/markdown.h"

void table_median(FILE *out, const struct stats_summary *summary, void (*format)(FILE *, double))
{
    format(out, summary->count > 0 ? summary->median : NAN);
}

static void write_range(FILE *out, const struct stats_summary *summary, double offset,
                        void (*format)(FILE *, double))
{
    if (summary->count == 0 || !isfinite(offset)) {
        fputs(FORMAT_UNKNOWN, out);
        return;
    }
    format(out, summary->min - offset);
    fputs(" … ", out);
    format(out, summary->max - offset);
}

void table_range(FILE *out, const struct stats_summary *summary, void (*format)(FILE *, double))
{
    write_range(out, summary, 0, format);
}

void table_spread(FILE *out, const struct stats_summary *summary, double offset,
                  void (*format)(FILE *, double))
{
    if (summary->count == 0 || !isfinite(offset) || !stats_has_interval(&summary->interval)) {
        write_range(out, summary, offset, format);
        return;
    }
    fputc('[', out);
    format(out, summary->interval.low - offset);
    fputs(", ", out);
    format(out, summary->interval.high - offset);
    fputc(']', out);
}

void table_label(FILE *out, const struct workload_cell *cell)
{
    char label[LABEL_SIZE];

    markdown_text(out, group_cell_label(cell, label));
    fputs(" (", out);
    markdown_text(out, cell->lane);
    fputc(')', out);
}

void table_valid(FILE *out, const struct workload_cell *cell, size_t outliers)
{
    fprintf(out, "%zu of %zu", cell->valid, cell->executions);
    if (cell->noisy > 0)
        fprintf(out, " (%zu noisy", cell->noisy);
    if (outliers > 0)
        fprintf(out, "%s%zu outlier%s", cell->noisy > 0 ? ", " : " (", outliers,
                outliers > 1 ? "s" : "");
    fputs(cell->noisy > 0 || outliers > 0 ? ")" : "", out);
}

double table_asked(const struct workload_cell *cell)
{
    return fmin(cell->concurrency, cell->requests);
}
