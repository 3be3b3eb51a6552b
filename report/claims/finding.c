#include "report/claims/finding.h"

#include <math.h>
#include <string.h>

#include "report/format.h"

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

/* Why a row has no figure. Where it does not say, there is nothing that could have one. */
static void explain_row(struct finding *finding, const struct query *query, FILE *why)
{
    const char *reason = query_text(query, "why");

    finding->absent = reason == NULL || query_text(query, "cell") == NULL;
    fputs(reason != NULL ? reason : "The run holds no execution of it.", why);
}

static void explain_latency(double latency_ns, double other_ns, FILE *why)
{
    fputs("This run's latency is ", why);
    format_short(why, other_ns, format_duration);
    fputs("; the article speaks of ", why);
    format_short(why, latency_ns, format_duration);
    fputc('.', why);
}

int finding_look(struct finding *finding, struct query *query, double latency_ns, FILE *why,
                 struct error *error)
{
    int measured = query_column(query, "measured", strlen("measured")), status;
    int latency = query_column(query, "latency_ns", strlen("latency_ns"));
    double other_ns = NAN;
    bool explained = false;

    *finding = (struct finding){.summary = {.count = 0}};
    while ((status = query_step(query, error)) > 0) {
        double is_ns = latency >= 0 ? sqlite3_column_double(query->rows, latency) : latency_ns;

        if (isfinite(latency_ns) && is_ns != latency_ns) {
            other_ns = is_ns;
            continue;
        }
        finding->measured = take(&finding->summary, query->rows, measured);
        if (finding->measured)
            return 0;
        if (!explained)
            explain_row(finding, query, why);
        explained = true;
    }
    if (status < 0 || explained)
        return status;
    finding->absent = isnan(other_ns);
    if (finding->absent)
        fputs("No cell of this plan measures it.", why);
    else
        explain_latency(latency_ns, other_ns, why);
    return 0;
}
