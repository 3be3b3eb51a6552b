#include "report/claims.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "report/claim_language.h"
#include "report/claim_metric.h"
#include "report/claim_reason.h"
#include "report/comparison.h"
#include "report/embedded.h"
#include "report/explanation.h"
#include "report/format.h"
#include "report/markdown.h"

#define ROUNDING 1e-9 /* 2.3 s is within 15 % of 2 s, although 0.15 is no binary fraction */

/* Says why a cell of the run does not measure what it was planned for. */
static void explain_cell(FILE *out, struct claim *claim, const struct workload_cell *cell)
{
    const char *why = cell->skipped != NULL ? cell->skipped : cell->problem;

    claim->absent = cell->skipped == NULL && cell->executions == 0;
    if (claim->absent) {
        fputs("The run holds no execution of it.", out);
    } else if (why == NULL) {
        fputs("Its executions lack this figure.", out);
    } else {
        fputs(cell->skipped != NULL ? "This machine could not run it: "
                                    : "No execution of it counts: ",
              out);
        markdown_text(out, why);
        fputc('.', out);
    }
}

/* Says why no cell measures what `selector` asks for: the nearest miss. */
static void explain_absence(FILE *out, struct claim *claim, const struct run *run,
                            const struct metric *metric, const struct selector *selector)
{
    const struct workload_cell *other_latency = NULL;

    for (size_t i = 0; i < metric_cells(run, metric); i++) {
        const struct workload_cell *cell = metric_cell(run, metric, i);

        if (selector_matches(selector, cell, false)) {
            explain_cell(out, claim, cell);
            return;
        }
        if (selector_matches(selector, cell, true))
            other_latency = cell;
    }
    claim->absent = other_latency == NULL;
    if (claim->absent) {
        fputs("No cell of this plan measures it.", out);
        return;
    }
    fputs("This run's latency is ", out);
    format_short(out, other_latency->latency_ns, format_duration);
    fputs("; the article speaks of ", out);
    format_short(out, selector->latency_ns, format_duration);
    fputc('.', out);
}

/* The ratio of cells without a round in common, which no interval can be given for. */
static struct stats_summary ratio_of_medians(const struct stats_summary *of,
                                             const struct stats_summary *to)
{
    struct stats_summary summary = {.count = 0};

    if (to->min > 0 && of->min >= 0)
        summary = (struct stats_summary){
            .count = of->count < to->count ? of->count : to->count,
            .min = of->min / to->max,
            .median = of->median / to->median,
            .max = of->max / to->min,
            .interval = {NAN, NAN},
        };
    return summary;
}

static struct stats_summary ratio(const struct claim *claim, const struct run *run,
                                  const struct stats_summary *of, const struct stats_summary *to)
{
    const struct metric *metric = metric_of(claim->json);
    const struct cell *cell = metric->inverse ? claim->to : claim->cell;
    const struct cell *other = metric->inverse ? claim->cell : claim->to;
    struct comparison comparison = claim->cell != NULL
                                       ? comparison_of(run, metric->path, cell, other)
                                       : comparison_pss(run, claim->memory_cell, claim->to_memory);

    if (!isfinite(comparison.ratio.ratio))
        return metric->inverse ? ratio_of_medians(to, of) : ratio_of_medians(of, to);
    return (struct stats_summary){
        .count = comparison.ratio.count,
        .min = comparison.ratio.min,
        .median = comparison.ratio.ratio,
        .max = comparison.ratio.max,
        .interval = comparison.ratio.interval,
    };
}

double claims_judged_value(const struct claim *claim)
{
    switch (metric_of(claim->json)->judged) {
    case JUDGED_MAX:
        return claim->measured.max;
    case JUDGED_MIN:
        return claim->measured.min;
    default:
        return claim->measured.median;
    }
}

static double criterion(const struct claim *claim, const char *key)
{
    return run_number(json_at(claim->json, "criterion"), key);
}

/* The verdict if `measured` were what was measured. */
static enum verdict judge(const struct claim *claim, double measured)
{
    double value = measured / metric_of(claim->json)->scale;
    double article = run_number(claim->json, "article.value"), slack = ROUNDING * (1 + value);
    double percent = criterion(claim, "within_percent"), factor = criterion(claim, "factor");
    bool met;

    if (isfinite(percent))
        met = fabs(value - article) <= percent / 100 * article + slack;
    else if (isfinite(factor))
        met = value * factor >= article - slack && value <= article * factor + slack;
    else if (isfinite(criterion(claim, "at_most")))
        met = value <= criterion(claim, "at_most") + slack;
    else
        met = value >= criterion(claim, "at_least") - slack;
    return met ? VERDICT_REPRODUCED : VERDICT_NOT_REPRODUCED;
}

/* Whether the interval, or what the few executions came to, reaches across the limit, so that
 * another run may come to another verdict. */
static bool is_close(const struct claim *claim)
{
    const struct stats_summary *measured = &claim->measured;
    bool known = stats_has_interval(&measured->interval);
    double low = known ? measured->interval.low : measured->min;
    double high = known ? measured->interval.high : measured->max;

    return metric_of(claim->json)->judged == JUDGED_MEDIAN &&
           (judge(claim, low) != claim->verdict || judge(claim, high) != claim->verdict);
}

/* The key of the sentences that fit the outcome. */
static const char *outcome_of(const struct claim *claim)
{
    double limit = run_number(claim->json, "article.value");

    if (claim->verdict == VERDICT_REPRODUCED)
        return "reproduced";
    if (isfinite(criterion(claim, "at_most")))
        return "higher";
    if (isfinite(criterion(claim, "at_least")))
        return "lower";
    return claims_judged_value(claim) > limit * metric_of(claim->json)->scale ? "higher" : "lower";
}

/* The sentences that fit the outcome, or those for whatever is measured. */
static const json_t *sentences_of(const struct claim *claim)
{
    const json_t *reasons = json_at(claim->json, "reasons");
    const json_t *sentences = json_object_get(reasons, outcome_of(claim));

    return sentences != NULL ? sentences : json_object_get(reasons, "measured");
}

static void assign_cells(struct claim *claim, const struct metric *metric,
                         const struct workload_cell *cell, const struct workload_cell *to)
{
    if (metric->of_memory) {
        claim->memory_cell = (const struct memory_cell *)cell;
        claim->to_memory = (const struct memory_cell *)to;
    } else {
        claim->cell = (const struct cell *)cell;
        claim->to = (const struct cell *)to;
    }
}

/* Finds the cells that measure the claim. Where it returns false, *missing is what none of the run
 * measures. */
static bool find_cells(struct claim *claim, const struct run *run, struct selector *missing)
{
    const struct metric *metric = metric_of(claim->json);
    const struct workload_cell *cell, *to = NULL;

    *missing = selector_of(claim->json, "select");
    cell = metric_find(run, metric, missing);
    if (cell != NULL && metric->is_ratio) {
        *missing = selector_of(claim->json, "to");
        if (!metric->of_memory)
            selector_take_work(missing, cell);
        to = metric_find(run, metric, missing);
    }
    if (cell == NULL || (metric->is_ratio && to == NULL))
        return false;
    assign_cells(claim, metric, cell, to);
    return true;
}

bool claims_find_cells(struct claim *claim, const struct run *run)
{
    struct selector missing;

    return metric_of(claim->json)->measure == NULL && find_cells(claim, run, &missing);
}

static const struct stats_summary *summary_of(const struct metric *metric, const struct cell *cell,
                                              const struct memory_cell *memory)
{
    return metric_summary(metric, metric->of_memory ? &memory->of : &cell->of);
}

/* Measures the claim; false, with the reason written, where nothing does. */
static bool measure(struct claim *claim, const struct run *run, FILE *reason)
{
    const struct metric *metric = metric_of(claim->json);
    const struct stats_summary *of;
    struct selector missing;

    if (metric->measure != NULL)
        return metric->measure(claim->json, run, &claim->measured, reason);
    if (!find_cells(claim, run, &missing)) {
        explain_absence(reason, claim, run, metric, &missing);
        return false;
    }
    of = summary_of(metric, claim->cell, claim->memory_cell);
    claim->measured = metric->is_ratio
                          ? ratio(claim, run, of, summary_of(metric, claim->to, claim->to_memory))
                          : *of;
    if (claim->measured.count == 0)
        fputs("Its figures are no measurement.", reason);
    return claim->measured.count > 0;
}

static int evaluate(struct claim *claim, const struct run *run)
{
    size_t length;
    FILE *reason = open_memstream(&claim->reason, &length);

    if (reason == NULL)
        return -ENOMEM;
    claim->verdict = VERDICT_NOT_MEASURED;
    if (metric_is_none(metric_of(claim->json))) {
        claim_reason_write(reason, json_at(claim->json, "reasons.not_measured"), claim, run);
    } else if (measure(claim, run, reason)) {
        claim->verdict = judge(claim, claims_judged_value(claim));
        claim_reason_write(reason, sentences_of(claim), claim, run);
        if (is_close(claim))
            fprintf(reason,
                    " The %s reaches across the limit: another run may come to another verdict.",
                    stats_has_interval(&claim->measured.interval) ? "interval"
                                                                  : "range of the executions");
    }
    return fclose(reason) == 0 ? 0 : -ENOMEM;
}

/* What is wrong with an entry of the claims, or NULL. */
static const char *fault_of(const json_t *claim)
{
    static const char *const texts[] = {"id", "claim", "article.text", "metric"};
    static const char *const reasons[] = {"reproduced", "higher", "lower", "measured",
                                          "not_measured"};
    const struct metric *metric = metric_of(claim);
    const json_t *rule = json_at(claim, "criterion");
    size_t i;
    json_t *sentence;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        if (json_text_at(claim, texts[i], NULL) == NULL)
            return "it needs the texts id, claim, article.text and metric";
    for (size_t r = 0; r < sizeof(reasons) / sizeof(reasons[0]); r++)
        json_array_foreach(json_at(json_at(claim, "reasons"), reasons[r]), i, sentence)
        {
            if (!json_is_string(sentence) || !claim_reason_is_known(json_string_value(sentence)))
                return "a sentence of its reasons names a figure that is not known";
        }
    if (metric == NULL)
        return "its metric is not known";
    if (metric_is_none(metric))
        return NULL;
    if (isfinite(run_number(rule, "at_most")) || isfinite(run_number(rule, "at_least")))
        return NULL;
    if (!isfinite(run_number(rule, "within_percent")) && !isfinite(run_number(rule, "factor")))
        return "it needs a criterion: at_most, at_least, within_percent or factor";
    return run_number(claim, "article.value") > 0 ? NULL : "its criterion needs article.value";
}

/* Likewise with what it says of other languages. */
static const char *fault_in_languages(const json_t *claim)
{
    const char *fault = claim_language_fault(claim);

    for (size_t l = 1; l < LANGUAGE_COUNT && fault == NULL; l++) {
        const json_t *entries = claim_language_entries(claim, language_at(l));
        size_t i;
        json_t *entry;

        json_array_foreach(entries, i, entry)
        {
            json_t *own = claim_language_apply(claim, language_at(l), entry);

            fault = fault == NULL && own != NULL ? fault_of(own) : fault;
            json_decref(own);
        }
    }
    return fault;
}

static int check(const json_t *list, char *error)
{
    size_t i;
    json_t *claim;

    if (!json_is_array(list)) {
        snprintf(error, JSON_ERROR_SIZE, "there is no array \"claims\"");
        return -EINVAL;
    }
    json_array_foreach(list, i, claim)
    {
        const char *fault = fault_of(claim);

        if (fault == NULL)
            fault = fault_in_languages(claim);
        if (fault == NULL)
            continue;
        snprintf(error, JSON_ERROR_SIZE, "claim %zu (%.60s): %s", i + 1,
                 json_text_at(claim, "id", "without id"), fault);
        return -EINVAL;
    }
    return 0;
}

static int load(struct claims *claims, const char *text, char *error)
{
    json_error_t where;

    claims->json =
        json_loads(text != NULL ? text : embedded_claims_json, JSON_REJECT_DUPLICATES, &where);
    if (claims->json != NULL) {
        const char *fault = explanations_fault(claims->json);

        if (fault == NULL)
            return check(json_at(claims->json, "claims"), error);
        snprintf(error, JSON_ERROR_SIZE, "explanations: %s", fault);
        return -EINVAL;
    }
    snprintf(error, JSON_ERROR_SIZE, "line %d: %s", where.line, where.text);
    return -EINVAL;
}

static int evaluate_variant(struct claim *claim, const struct language *language,
                            const json_t *entry, const struct run *run)
{
    struct claim *variant = &claim->variants[claim->variant_count];

    variant->language = language;
    variant->own = claim_language_apply(claim->json, language, entry);
    variant->json = variant->own;
    claim->variant_count++;
    return variant->own != NULL ? evaluate(variant, run) : -ENOMEM;
}

/* The claim itself, and as lanes in other languages measure it. */
static int evaluate_all(struct claim *claim, const struct run *run)
{
    int status = evaluate(claim, run);
    size_t count = 0, i;
    json_t *entry;

    for (size_t l = 1; l < LANGUAGE_COUNT; l++)
        count += json_array_size(claim_language_entries(claim->json, language_at(l)));
    claim->variants = calloc(count + 1, sizeof(*claim->variants));
    if (claim->variants == NULL)
        return -ENOMEM;
    for (size_t l = 1; l < LANGUAGE_COUNT; l++)
        json_array_foreach(claim_language_entries(claim->json, language_at(l)), i, entry)
        {
            if (status == 0)
                status = evaluate_variant(claim, language_at(l), entry, run);
        }
    return status;
}

int claims_evaluate(struct claims *claims, const char *text, const struct run *run, char *error)
{
    int status;

    *claims = (struct claims){.count = 0};
    status = load(claims, text, error);
    if (status == 0) {
        claims->count = json_array_size(json_at(claims->json, "claims"));
        claims->list = calloc(claims->count + 1, sizeof(*claims->list));
        status = claims->list != NULL ? 0 : -ENOMEM;
    }
    for (size_t i = 0; status == 0 && i < claims->count; i++) {
        claims->list[i].json = json_array_get(json_at(claims->json, "claims"), i);
        claims->list[i].language = language_of(NULL);
        status = evaluate_all(&claims->list[i], run);
    }
    if (status == -ENOMEM)
        snprintf(error, JSON_ERROR_SIZE, "%s", strerror(ENOMEM));
    if (status < 0)
        claims_free(claims);
    return status;
}

static void free_claim(struct claim *claim)
{
    for (size_t i = 0; i < claim->variant_count; i++) {
        free(claim->variants[i].reason);
        json_decref(claim->variants[i].own);
    }
    free(claim->variants);
    free(claim->reason);
}

void claims_free(struct claims *claims)
{
    for (size_t i = 0; claims->list != NULL && i < claims->count; i++)
        free_claim(&claims->list[i]);
    free(claims->list);
    json_decref(claims->json);
    *claims = (struct claims){.count = 0};
}

const struct claim *claims_in(const struct claim *claim, const struct language *language,
                              size_t index)
{
    if (language == claim->language)
        return index == 0 ? claim : NULL;
    for (size_t i = 0; i < claim->variant_count; i++)
        if (claim->variants[i].language == language && index-- == 0)
            return &claim->variants[i];
    return NULL;
}

const struct claim *claims_first_in(const struct claim *claim, const struct language *language)
{
    const struct claim *variant = claims_in(claim, language, 0);

    for (size_t i = 0; variant != NULL && variant->verdict == VERDICT_NOT_MEASURED; i++)
        variant = claims_in(claim, language, i);
    return variant != NULL ? variant : claims_in(claim, language, 0);
}

const char *claims_verdict_name(enum verdict verdict)
{
    static const char *const names[] = {"reproduced", "not reproduced", "not measured"};

    return names[verdict];
}

void claims_format_value(FILE *out, const struct claim *claim, double value)
{
    const struct metric *metric = metric_of(claim->json);

    metric->format(out, value);
    fputs(metric->suffix, out);
}

void claims_format_measured(FILE *out, const struct claim *claim)
{
    bool known;

    if (claim->verdict == VERDICT_NOT_MEASURED) {
        fputs(FORMAT_UNKNOWN, out);
        return;
    }
    claims_format_value(out, claim, claims_judged_value(claim));
    if (metric_of(claim->json)->judged != JUDGED_MEDIAN || claim->measured.count < 2)
        return;
    known = stats_has_interval(&claim->measured.interval);
    fputs(known ? " [" : " (", out);
    claims_format_value(out, claim, known ? claim->measured.interval.low : claim->measured.min);
    fputs(known ? ", " : " … ", out);
    claims_format_value(out, claim, known ? claim->measured.interval.high : claim->measured.max);
    fputs(known ? "]" : ")", out);
}

void claims_format_criterion(FILE *out, const struct claim *claim)
{
    const struct metric *metric = metric_of(claim->json);
    double scale = metric->scale;

    if (metric_is_none(metric))
        return;
    if (isfinite(criterion(claim, "within_percent"))) {
        fprintf(out, "±%g %%", criterion(claim, "within_percent"));
    } else if (isfinite(criterion(claim, "factor"))) {
        fprintf(out, "within a factor of %g", criterion(claim, "factor"));
    } else if (isfinite(criterion(claim, "at_most"))) {
        fputs("at most ", out);
        format_short(out, criterion(claim, "at_most") * scale, metric->format);
        fputs(metric->suffix, out);
    } else {
        fputs("at least ", out);
        format_short(out, criterion(claim, "at_least") * scale, metric->format);
        fputs(metric->suffix, out);
    }
}

/* Whether the claim is one of `metric` about lanes like that of the cell. */
static bool is_about(const struct claim *claim, const char *metric,
                     const struct workload_cell *cell)
{
    struct selector selector = selector_of(claim->json, "select");

    return strcmp(json_text_at(claim->json, "metric", ""), metric) == 0 && selector.lane != NULL &&
           selector_matches(&selector, cell, false);
}

/* The article's figure for a cell by a metric's name, in the summary's unit. */
static double article_value(const struct claims *claims, const char *metric,
                            const struct workload_cell *cell)
{
    for (size_t i = 0; i < claims->count; i++) {
        const struct claim *claim = &claims->list[i];
        bool about = is_about(claim, metric, cell);

        for (size_t v = 0; !about && v < claim->variant_count; v++)
            about = is_about(&claim->variants[v], metric, cell);
        if (about)
            return run_number(claim->json, "article.value") * metric_of(claim->json)->scale;
    }
    return NAN;
}

double claims_article_wall_ns(const struct claims *claims, const struct cell *cell)
{
    return article_value(claims, "wall", &cell->of);
}

double claims_article_pss_bytes(const struct claims *claims, const struct memory_cell *cell)
{
    return article_value(claims, "pss", &cell->of);
}
