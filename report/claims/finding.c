#include "report/claims/finding.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/format.h"

/* NULL where there is no such column, or nothing in it. */
static const char *text_of(const struct query *query, const char *name)
{
    int column = query_column(query, name);

    return column < 0 ? NULL : (const char *)sqlite3_column_text(query->rows, column);
}

static bool is_number(sqlite3_stmt *row, int column)
{
    int type = sqlite3_column_type(row, column);

    return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
}

/* Whether the row has a figure there; a ratio and a number become a summary. */
static bool take(struct stats_summary *summary, sqlite3_stmt *row, int column)
{
    struct ratio ratio;

    if (dataset_summary(row, column, summary))
        return true;
    *summary = (struct stats_summary){.interval = {NAN, NAN}};
    if (dataset_ratio(row, column, &ratio)) {
        summary->count = ratio.count;
        summary->min = ratio.min;
        summary->median = ratio.ratio;
        summary->max = ratio.max;
        summary->interval = ratio.interval;
    } else if (is_number(row, column)) {
        summary->count = 1;
        summary->median = sqlite3_column_double(row, column);
        summary->min = summary->max = summary->median;
    }
    return summary->count > 0;
}

static json_t *figures_of(sqlite3_stmt *row)
{
    json_t *figures = json_object();

    for (int i = 0; i < sqlite3_column_count(row); i++) {
        bool is_text = is_number(row, i) || sqlite3_column_type(row, i) == SQLITE_TEXT;
        const char *text = is_text ? (const char *)sqlite3_column_text(row, i) : NULL;

        if (text != NULL && strcmp(text, FORMAT_UNKNOWN) != 0)
            json_object_set_new(figures, sqlite3_column_name(row, i), json_string(text));
    }
    return figures;
}

static void take_row(struct finding *finding, const struct query *query)
{
    const char *cell = text_of(query, "cell");

    finding->figures = figures_of(query->rows);
    snprintf(finding->cell, sizeof(finding->cell), "%s", cell != NULL ? cell : "");
}

/* Why a row has no figure. Where it does not say, there is nothing that could have one. */
static void explain_row(struct finding *finding, const struct query *query)
{
    const char *why = text_of(query, "why");

    finding->absent = why == NULL || text_of(query, "cell") == NULL;
    snprintf(finding->why, sizeof(finding->why), "%s",
             why != NULL ? why : "The run holds no execution of it.");
}

static void explain_latency(struct finding *finding, double latency_ns, double other_ns)
{
    FILE *out = fmemopen(finding->why, sizeof(finding->why), "w");

    if (out == NULL)
        return;
    fputs("This run's latency is ", out);
    format_short(out, other_ns, format_duration);
    fputs("; the article speaks of ", out);
    format_short(out, latency_ns, format_duration);
    fputc('.', out);
    fclose(out);
}

int finding_look(struct finding *finding, struct query *query, double latency_ns,
                 struct error *error)
{
    int measured = query_column(query, "measured"), latency = query_column(query, "latency_ns");
    double other_ns = NAN;
    int status;

    *finding = (struct finding){.absent = false};
    while ((status = query_step(query, error)) > 0) {
        double row_ns = latency >= 0 ? sqlite3_column_double(query->rows, latency) : latency_ns;

        if (isfinite(latency_ns) && row_ns != latency_ns) {
            other_ns = row_ns;
        } else if (take(&finding->summary, query->rows, measured)) {
            take_row(finding, query);
            return 0;
        } else if (finding->why[0] == '\0') {
            explain_row(finding, query);
        }
    }
    if (status < 0 || finding->why[0] != '\0')
        return status;
    finding->absent = isnan(other_ns);
    if (finding->absent)
        snprintf(finding->why, sizeof(finding->why), "No cell of this plan measures it.");
    else
        explain_latency(finding, latency_ns, other_ns);
    return 0;
}
