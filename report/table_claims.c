/* The claims with a column for each language of the run. */
#include "common/json.h"
#include "report/claim_metric.h"
#include "report/markdown.h"
#include "report/tables.h"
#include "report/twins.h"

/* Python's is the article's own. */
static const char *const column_keys[LANGUAGE_COUNT] = {"python", "c", "go", "node"};

static const char *const column_names[LANGUAGE_COUNT] = {"Python here", "C here", "Go here",
                                                         "Node here"};

struct columns {
    const struct language *list[LANGUAGE_COUNT];
    size_t count;
};

static struct columns columns_of(const struct run *run, const char **names)
{
    struct columns columns = {.count = 0};
    size_t name = 0;

    names[name++] = "Claim";
    names[name++] = "The article (criterion)";
    for (size_t i = 0; i < LANGUAGE_COUNT; i++) {
        const struct language *language = language_of(column_keys[i]);

        if (!twins_has(run, language))
            continue;
        columns.list[columns.count++] = language;
        names[name++] = column_names[i];
    }
    names[name] = "Reason";
    return columns;
}

/* "python-threads", or "python-threads : python-httpx" of a ratio; nothing where any lane is meant.
 */
static void write_lane(FILE *out, const struct claim *claim, const char *before, const char *after)
{
    const char *lane = json_text_at(claim->json, "select.lane", NULL);
    const char *to = json_text_at(claim->json, "to.lane", NULL);

    if (lane == NULL)
        return;
    fputs(before, out);
    markdown_text(out, lane);
    if (to != NULL) {
        fputs(" : ", out);
        markdown_text(out, to);
    }
    fputs(after, out);
}

/* "✗ not reproduced: 5.51 s [5.47 s, 5.56 s] (python-httpx)", for each lane that measures it. */
static void write_measured(FILE *out, const struct claim *claim, const struct language *language)
{
    const struct claim *variant;
    size_t written = 0;

    for (size_t i = 0; (variant = claims_in(claim, language, i)) != NULL; i++) {
        if (variant->verdict == VERDICT_NOT_MEASURED)
            continue;
        fprintf(out, "%s%s %s: ", written++ > 0 ? "; " : "", table_verdict_mark(variant->verdict),
                claims_verdict_name(variant->verdict));
        claims_format_measured(out, variant);
        if (variant != claim)
            write_lane(out, variant, " (", ")");
    }
    if (written == 0)
        fprintf(out, "%s %s", table_verdict_mark(VERDICT_NOT_MEASURED),
                claims_verdict_name(VERDICT_NOT_MEASURED));
    fputs(" | ", out);
}

static bool is_measured(const struct claim *claim, const struct columns *columns)
{
    for (size_t i = 0; i < columns->count; i++) {
        const struct claim *variant = claims_first_in(claim, columns->list[i]);

        if (variant != NULL && variant->verdict != VERDICT_NOT_MEASURED)
            return true;
    }
    return false;
}

/* Of what a language does not measure only why its cells came to nothing. */
static bool has_reason(const struct claim *variant)
{
    const struct metric *metric = metric_of(variant->json);
    bool of_cells = !metric_is_none(metric) && metric->measure == NULL;

    return variant->reason[0] != '\0' &&
           (variant->verdict != VERDICT_NOT_MEASURED || (of_cells && !variant->absent));
}

/* Returns how many were written. */
static size_t write_reasons_in(FILE *out, const struct claim *claim,
                               const struct language *language)
{
    const struct claim *variant;
    size_t written = 0;

    for (size_t i = 0; (variant = claims_in(claim, language, i)) != NULL; i++) {
        if (!has_reason(variant))
            continue;
        if (written++ == 0)
            fprintf(out, "**%s:** ", language->name);
        if (variant != claim)
            write_lane(out, variant, "", ": ");
        fprintf(out, "%s ", variant->reason);
    }
    return written;
}

static void write_reasons(FILE *out, const struct claim *claim, const struct columns *columns)
{
    size_t written = 0;

    for (size_t c = 0; c < columns->count; c++)
        written += write_reasons_in(out, claim, columns->list[c]);
    if (written == 0 && !is_measured(claim, columns))
        fprintf(out, "%s ", claim->reason);
    fputs("|\n", out);
}

void table_claims_by_language(FILE *out, const struct run *run, const struct claims *claims)
{
    const char *names[LANGUAGE_COUNT + 3];
    struct columns columns = columns_of(run, names);

    markdown_table_head(out, names, columns.count + 3);
    for (size_t i = 0; i < claims->count; i++) {
        const struct claim *claim = &claims->list[i];

        table_claim_and_article(out, claim);
        for (size_t c = 0; c < columns.count; c++)
            write_measured(out, claim, columns.list[c]);
        write_reasons(out, claim, &columns);
    }
}
