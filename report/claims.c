#include "report/claims.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/count.h"
#include "common/json.h"
#include "common/units.h"
#include "report/claims/criterion.h"
#include "report/claims/finding.h"
#include "report/claims/query.h"
#include "report/claims/sentences.h"
#include "report/embedded.h"
#include "report/format.h"

struct judge {
    struct dataset *dataset;
    int run; /* 0: everything is checked, nothing is judged */
    struct error *error;
};

/* A claim as some lanes of one language measure it. */
struct variant {
    int claim, number; /* from 1 on */
    const char *language;
    json_t *json; /* the claim, with what it says of these lanes in place of what it says else */
    double latency_ns;
    struct criterion criterion;
};

struct judgement {
    struct finding finding;
    char *cell;     /* that measured it, or NULL */
    char *reason;   /* Markdown */
    char *measured; /* as text */
    char *criterion;
};

static const char *const languages[] = {"c", "python", "go", "node"};

/* Sentences by the outcome, for whatever is measured, and for a claim without a query. */
static const char *const reasons[] = {"reproduced", "higher", "lower", "measured", "not_measured"};

/* ---- Checks ------------------------------------------------------------------------------ */

static const char *fault_of_texts(const json_t *claim)
{
    static const char *const texts[] = {"id", "claim", "article.text"};

    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (json_text_at(claim, texts[i], NULL) == NULL)
            return "it needs the texts id, claim and article.text";
    return NULL;
}

static const char *fault_of_reasons(const json_t *claim, const struct query *query)
{
    const json_t *all = json_at(claim, "reasons");
    const char *fault = NULL;

    for (size_t i = 0; i < COUNT_OF(reasons) && fault == NULL; i++)
        fault = sentences_fault(json_object_get(all, reasons[i]), query);
    return fault;
}

/* What is said of lanes is a value for the query, or is said in place of what the claim says. */
static int check_names(const json_t *lanes, const struct query *query, struct error *error)
{
    static const char *const known[] = {"lane",    "to",   "query",  "latency",
                                        "reasons", "unit", "judged", "criterion"};
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)lanes, name, value)
    {
        bool is_known = query_takes(query, name);

        for (size_t i = 0; i < COUNT_OF(known); i++)
            is_known = is_known || strcmp(known[i], name) == 0;
        if (!is_known)
            return error_set(error, -EINVAL, "its query has no parameter :%.60s", name);
    }
    return 0;
}

static const char *read_latency(struct variant *variant)
{
    const char *text = json_text_at(variant->json, "latency", NULL);
    uint64_t ns;

    variant->latency_ns = NAN;
    if (text == NULL)
        return NULL;
    if (units_parse_duration(text, &ns) < 0)
        return "its latency must be a duration such as 200ms";
    variant->latency_ns = (double)ns;
    return NULL;
}

static int check(struct variant *variant, const json_t *lanes, struct query *query,
                 struct error *error)
{
    const char *fault = read_latency(variant);

    if (fault == NULL)
        fault = criterion_read(&variant->criterion, variant->json);
    if (fault == NULL)
        fault = fault_of_reasons(variant->json, query);
    if (fault != NULL)
        return error_set(error, -EINVAL, "%s", fault);
    return check_names(lanes, query, error);
}

/* ---- Judging ----------------------------------------------------------------------------- */

static void write_reason(FILE *out, const struct variant *variant, const struct finding *finding,
                         const struct query *query)
{
    const struct criterion *criterion = &variant->criterion;
    const json_t *all = json_at(variant->json, "reasons"), *sentences;
    bool interval = stats_has_interval(&finding->summary.interval);

    sentences = json_object_get(all, criterion_outcome(criterion, &finding->summary));
    if (sentences == NULL)
        sentences = json_object_get(all, "measured");
    sentences_write(out, sentences, query);
    if (criterion_is_close(criterion, &finding->summary))
        fprintf(out, " The %s reaches across the limit: another run may come to another verdict.",
                interval ? "interval" : "range of the executions");
}

/* The texts of a judgement, as far as the query says something; those of a claim without a query
 * are its own. */
static int write_texts(struct judgement *judgement, struct variant *variant, struct query *query,
                       struct error *error)
{
    struct finding *finding = &judgement->finding;
    size_t size;
    FILE *reason = open_memstream(&judgement->reason, &size);
    FILE *measured = open_memstream(&judgement->measured, &size);
    FILE *criterion = open_memstream(&judgement->criterion, &size);
    int status = 0;

    if (query == NULL) {
        *finding = (struct finding){.absent = true};
        sentences_write(reason, json_at(variant->json, "reasons.not_measured"), NULL);
    } else {
        status = finding_look(finding, query, variant->latency_ns, reason, error);
        criterion_write(criterion, &variant->criterion);
    }
    if (finding->measured) {
        criterion_write_measured(measured, &variant->criterion, &finding->summary);
        write_reason(reason, variant, finding, query);
    } else {
        fputs(FORMAT_UNKNOWN, measured);
    }
    fclose(reason);
    fclose(measured);
    fclose(criterion);
    return status;
}

static void free_judgement(struct judgement *judgement)
{
    free(judgement->cell);
    free(judgement->reason);
    free(judgement->measured);
    free(judgement->criterion);
}

static const char *verdict_of(const struct variant *variant, const struct finding *finding)
{
    if (!finding->measured)
        return "not measured";
    return criterion_is_met(&variant->criterion, &finding->summary) ? "reproduced"
                                                                    : "not reproduced";
}

/* ---- Rows -------------------------------------------------------------------------------- */

/* Binds a text (NULL: nothing) or a number (not finite: nothing) to ":name". */
static void bind_text(sqlite3_stmt *row, const char *name, const char *text)
{
    sqlite3_bind_text(row, sqlite3_bind_parameter_index(row, name), text, -1, SQLITE_TRANSIENT);
}

static void bind_number(sqlite3_stmt *row, const char *name, double number)
{
    if (isfinite(number))
        sqlite3_bind_double(row, sqlite3_bind_parameter_index(row, name), number);
}

static void bind_finding(sqlite3_stmt *row, const struct variant *variant,
                         const struct finding *finding)
{
    const struct criterion *criterion = &variant->criterion;
    const struct stats_summary *summary = &finding->summary;

    bind_number(row, ":count", (double)summary->count);
    bind_number(row, ":absent", finding->absent);
    if (!finding->measured)
        return;
    bind_number(row, ":measured",
                criterion_in_unit(criterion, criterion_deciding(criterion, summary)));
    bind_number(row, ":low", criterion_in_unit(criterion, summary->interval.low));
    bind_number(row, ":high", criterion_in_unit(criterion, summary->interval.high));
    bind_number(row, ":min", criterion_in_unit(criterion, summary->min));
    bind_number(row, ":max", criterion_in_unit(criterion, summary->max));
}

static int insert(struct judge *judge, const struct variant *variant,
                  const struct judgement *judgement)
{
    static const char sql[] =
        "INSERT INTO claim_verdicts VALUES (:run, :claim, :variant, :language, :lane, :to, :cell, "
        ":unit, :measured, :low, :high, :min, :max, :count, :verdict, :absent, :reason, "
        ":measured_text, :criterion_text)";
    sqlite3_stmt *row = dataset_query(judge->dataset, sql, judge->error);
    int code;

    if (row == NULL)
        return -EINVAL;
    bind_number(row, ":run", judge->run);
    bind_number(row, ":claim", variant->claim);
    bind_number(row, ":variant", variant->number);
    bind_text(row, ":language", variant->language);
    bind_text(row, ":lane", json_text_at(variant->json, "lane", NULL));
    bind_text(row, ":to", json_text_at(variant->json, "to", NULL));
    bind_text(row, ":unit", json_text_at(variant->json, "unit", NULL));
    bind_text(row, ":cell", judgement->cell);
    bind_text(row, ":verdict", verdict_of(variant, &judgement->finding));
    bind_text(row, ":reason", judgement->reason);
    bind_text(row, ":measured_text", judgement->measured);
    bind_text(row, ":criterion_text", judgement->criterion);
    bind_finding(row, variant, &judgement->finding);
    code = sqlite3_step(row);
    sqlite3_finalize(row);
    return code == SQLITE_DONE ? 0 : error_set(judge->error, -ENOMEM, "no memory for the claims");
}

/* ---- Claims ------------------------------------------------------------------------------ */

static int ask(struct judge *judge, struct variant *variant, const json_t *lanes,
               struct judgement *judgement)
{
    static const char *const needed[] = {"measured", NULL};
    const char *sql = json_text_at(variant->json, "query", NULL), *cell;
    struct query query;
    int status;

    if (sql == NULL)
        return json_at(variant->json, "reasons.not_measured") != NULL
                   ? write_texts(judgement, variant, NULL, judge->error)
                   : error_set(judge->error, -EINVAL, "it needs a query, or reasons.not_measured");
    status = query_open(&query, judge->dataset, sql, needed, judge->error);
    if (status < 0)
        return status;
    status = check(variant, lanes, &query, judge->error);
    if (status == 0)
        status = query_bind(&query, variant->json, variant->language, judge->error);
    if (status == 0 && judge->run > 0)
        status = write_texts(judgement, variant, &query, judge->error);
    cell = judgement->finding.measured ? query_text(&query, "cell") : NULL;
    judgement->cell = cell != NULL ? strdup(cell) : NULL;
    query_close(&query);
    return status;
}

static int judge_variant(struct judge *judge, struct variant *variant, const json_t *claim,
                         const json_t *lanes)
{
    struct judgement judgement = {.cell = NULL};
    int status;

    if (!json_is_object(lanes))
        return error_set(judge->error, -EINVAL, "what measures it must be an object");
    variant->number++;
    variant->json = json_copy((json_t *)claim);
    json_object_update(variant->json, (json_t *)lanes);
    status = ask(judge, variant, lanes, &judgement);
    if (status == 0 && judge->run > 0)
        status = insert(judge, variant, &judgement);
    free_judgement(&judgement);
    json_decref(variant->json);
    return status;
}

static bool is_language(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(languages); i++)
        if (strcmp(languages[i], name) == 0)
            return true;
    return false;
}

/* By all lanes that measure it, in the order of the file; without any it is C that does. */
static int judge_claim(struct judge *judge, const json_t *claim, int number)
{
    json_t *by = json_object_get(claim, "measured_by"), *list, *lanes, *none = json_object();
    const char *fault = fault_of_texts(claim), *language;
    struct variant variant = {.claim = number};
    int status = fault != NULL ? error_set(judge->error, -EINVAL, "%s", fault) : 0;
    size_t i;

    if (status == 0 && by == NULL) {
        variant.language = languages[0];
        status = judge_variant(judge, &variant, claim, none);
    }
    json_object_foreach(by, language, list)
    {
        variant.language = language;
        if (status == 0 && !is_language(language))
            status = error_set(judge->error, -EINVAL,
                               "it is measured by c, python, go or node, not by %.60s", language);
        if (status == 0 && !json_is_array(list))
            status = error_set(judge->error, -EINVAL, "each of its languages needs an array");
        json_array_foreach(list, i, lanes)
        {
            if (status == 0)
                status = judge_variant(judge, &variant, claim, lanes);
        }
    }
    json_decref(none);
    return status;
}

static int judge_claims(struct judge *judge, const json_t *file)
{
    const json_t *list = json_at(file, "claims");
    size_t i;
    json_t *claim;

    if (!json_is_array(list))
        return error_set(judge->error, -EINVAL, "there is no array \"claims\"");
    json_array_foreach(list, i, claim)
    {
        struct error why;
        struct judge inner = {judge->dataset, judge->run, &why};
        int status = judge_claim(&inner, claim, (int)i + 1);

        if (status < 0)
            return error_set(judge->error, status, "claim %zu (%.60s): %.400s", i + 1,
                             json_text_at(claim, "id", "without id"), why.text);
    }
    return 0;
}

/* ---- Explanations ------------------------------------------------------------------------ */

static int insert_text(struct judge *judge, const char *title, const char *text)
{
    static const char sql[] = "INSERT INTO explanations SELECT :run, :title, count(*) + 1, :text "
                              "FROM explanations WHERE run = :run";
    sqlite3_stmt *row = dataset_query(judge->dataset, sql, judge->error);
    int code;

    if (row == NULL)
        return -EINVAL;
    bind_number(row, ":run", judge->run);
    bind_text(row, ":title", title);
    bind_text(row, ":text", text);
    code = sqlite3_step(row);
    sqlite3_finalize(row);
    return code == SQLITE_DONE ? 0 : error_set(judge->error, -ENOMEM, "no memory for the claims");
}

/* The sentences that the run has figures for; *text is to be freed, and empty where there are none.
 */
static int explain(struct judge *judge, const json_t *point, char **text)
{
    static const char *const needed[] = {"measured", NULL};
    const json_t *sentences = json_at(point, "text");
    struct query query;
    struct finding finding = {.measured = false};
    const char *fault;
    char *why = NULL;
    size_t size;
    FILE *out, *reason;
    int status;

    status =
        query_open(&query, judge->dataset, json_text_at(point, "query", ""), needed, judge->error);
    if (status < 0)
        return status;
    fault = json_array_size(sentences) == 0 ? "each point needs an array \"text\""
                                            : sentences_fault(sentences, &query);
    if (fault != NULL)
        status = error_set(judge->error, -EINVAL, "%s", fault);
    if (status == 0)
        status = query_bind(&query, point, languages[0], judge->error);
    out = open_memstream(text, &size);
    reason = open_memstream(&why, &size);
    if (status == 0 && judge->run > 0)
        status = finding_look(&finding, &query, NAN, reason, judge->error);
    if (finding.measured)
        sentences_write(out, sentences, &query);
    fclose(out);
    fclose(reason);
    free(why);
    query_close(&query);
    return status;
}

static int explain_all(struct judge *judge, const json_t *file)
{
    size_t i, k;
    json_t *explanation, *point;

    json_array_foreach(json_at(file, "explanations"), i, explanation)
    {
        const char *title = json_text_at(explanation, "title", NULL);

        if (title == NULL)
            return error_set(judge->error, -EINVAL, "each explanation needs a title");
        json_array_foreach(json_at(explanation, "points"), k, point)
        {
            struct error why;
            struct judge inner = {judge->dataset, judge->run, &why};
            char *text = NULL;
            int status = explain(&inner, point, &text);

            if (status == 0 && text[0] != '\0')
                status = insert_text(&inner, title, text);
            free(text);
            if (status < 0)
                return error_set(judge->error, status, "explanation %.60s, point %zu: %.400s",
                                 title, k + 1, why.text);
        }
    }
    return 0;
}

/* ---- All runs ---------------------------------------------------------------------------- */

static int judge_file(struct judge *judge, const json_t *file)
{
    char sql[80];
    int status;

    snprintf(sql, sizeof(sql), "DELETE FROM judged; INSERT INTO judged VALUES (%d)", judge->run);
    if (sqlite3_exec(judge->dataset->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return error_set(judge->error, -EINVAL, "%s", sqlite3_errmsg(judge->dataset->db));
    status = judge_claims(judge, file);
    return status == 0 ? explain_all(judge, file) : status;
}

/* What the verdicts become, with the words of the file. */
static int make_tables(struct dataset *dataset, const char *text, struct error *error)
{
    static const char sql[] =
        "DELETE FROM claim_verdicts WHERE n NOT IN (SELECT n FROM claim_list);"
        "CREATE TABLE claims AS SELECT * FROM claims_first;"
        "CREATE TABLE claims_by_language AS SELECT * FROM claims_all;"
        "CREATE TABLE article_figures AS SELECT * FROM claims_of_cells";
    sqlite3_stmt *list = dataset_query(
        dataset, "INSERT INTO claim_list SELECT key + 1, value FROM json_each(?, '$.claims')",
        error);

    if (list == NULL)
        return -EINVAL;
    sqlite3_bind_text(list, 1, text, -1, SQLITE_STATIC);
    sqlite3_step(list);
    sqlite3_finalize(list);
    if (sqlite3_exec(dataset->db, sql, NULL, NULL, NULL) != SQLITE_OK)
        return error_set(error, -EINVAL, "%s", sqlite3_errmsg(dataset->db));
    return 0;
}

int claims_judge(struct dataset *dataset, const char *text, struct error *error)
{
    struct judge judge = {.dataset = dataset, .error = error};
    int runs = (int)dataset_number(dataset, "SELECT count(*) FROM runs", 0), status;
    json_error_t where;
    json_t *file;

    if (text == NULL)
        text = embedded_claims_json;
    file = json_loads(text, JSON_REJECT_DUPLICATES, &where);
    if (file == NULL)
        status = error_set(error, -EINVAL, "line %d: %s", where.line, where.text);
    else
        status = judge_file(&judge, file);
    while (status == 0 && judge.run < runs) {
        judge.run++;
        status = judge_file(&judge, file);
    }
    json_decref(file);
    if (status < 0) {
        struct error again;

        make_tables(dataset, "{}", &again); /* empty, so that all else of a report can be made */
        return status;
    }
    return make_tables(dataset, text, error);
}
