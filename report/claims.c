#include "report/claims.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/claims/finding.h"
#include "report/claims/query.h"
#include "report/claims/sentences.h"
#include "report/embedded.h"

/* Claims are judged by views.sql; here their queries are run. */
struct judge {
    struct dataset *dataset;
    sqlite3_stmt *insert;
    int run; /* 0: everything is checked, nothing is measured */
    struct error *error;
};

/* A row of claims_entries. */
struct entry {
    const char *title; /* of an explanation; NULL: of a claim */
    int number, variant;
    const char *id, *language, *query;
    json_t *own;
    double latency_ns; /* NAN: any */
};

static int run_sql(struct dataset *dataset, const char *sql, struct error *error)
{
    if (sqlite3_exec(dataset->db, sql, NULL, NULL, NULL) == SQLITE_OK)
        return 0;
    return error_set(error, -EINVAL, "%s", sqlite3_errmsg(dataset->db));
}

/* ---- What a query gave ------------------------------------------------------------------- */

static void bind_text(sqlite3_stmt *row, const char *name, const char *text)
{
    sqlite3_bind_text(row, sqlite3_bind_parameter_index(row, name), text, -1, SQLITE_TRANSIENT);
}

static void bind_json(sqlite3_stmt *row, const char *name, const json_t *value)
{
    char *text = value != NULL ? json_dumps(value, JSON_COMPACT) : NULL;

    bind_text(row, name, text);
    free(text);
}

/* What is not finite is NULL. */
static void bind_number(sqlite3_stmt *row, const char *name, double number)
{
    if (isfinite(number))
        sqlite3_bind_double(row, sqlite3_bind_parameter_index(row, name), number);
}

static void bind_summary(sqlite3_stmt *row, const struct stats_summary *summary)
{
    bind_number(row, ":count", (double)summary->count);
    if (summary->count == 0)
        return;
    bind_number(row, ":median", summary->median);
    bind_number(row, ":low", summary->interval.low);
    bind_number(row, ":high", summary->interval.high);
    bind_number(row, ":min", summary->min);
    bind_number(row, ":max", summary->max);
}

static int insert(struct judge *judge, const struct entry *entry, const struct finding *finding,
                  const json_t *parameters)
{
    sqlite3_stmt *row = judge->insert;

    sqlite3_reset(row);
    sqlite3_clear_bindings(row);
    bind_number(row, ":run", judge->run);
    bind_text(row, ":title", entry->title);
    bind_number(row, ":n", entry->number);
    bind_number(row, ":variant", entry->variant);
    bind_text(row, ":cell", finding->cell[0] != '\0' ? finding->cell : NULL);
    bind_summary(row, &finding->summary);
    bind_text(row, ":why", finding->why);
    bind_number(row, ":absent", finding->absent);
    bind_json(row, ":figures", finding->figures);
    bind_json(row, ":parameters", parameters);
    return sqlite3_step(row) == SQLITE_DONE
               ? 0
               : error_set(judge->error, -ENOMEM, "no memory for the claims");
}

/* ---- Queries ----------------------------------------------------------------------------- */

/* What a query is made of, for claims_faults: its columns as figures, and its parameters. */
static void describe(const struct query *query, struct finding *finding, json_t *parameters)
{
    *finding = (struct finding){.figures = json_object()};
    for (int i = 0; i < sqlite3_column_count(query->rows); i++)
        json_object_set_new(finding->figures, sqlite3_column_name(query->rows, i), json_string(""));
    for (int i = 1; i <= sqlite3_bind_parameter_count(query->rows); i++)
        json_array_append_new(parameters,
                              json_string(sqlite3_bind_parameter_name(query->rows, i) + 1));
}

static int ask(struct judge *judge, const struct entry *entry)
{
    json_t *parameters = json_array();
    struct query query;
    struct finding finding = {.figures = NULL};
    int status =
        query_open(&query, judge->dataset, entry->query, entry->own, entry->language, judge->error);

    if (status < 0)
        goto out;
    if (judge->run == 0)
        describe(&query, &finding, parameters);
    else
        status = finding_look(&finding, &query, entry->latency_ns, judge->error);
    query_close(&query);
    if (status == 0)
        status = insert(judge, entry, &finding, parameters);
out:
    json_decref(finding.figures);
    json_decref(parameters);
    return status;
}

static int complain(struct judge *judge, const struct entry *entry, int status, const char *why)
{
    if (entry->title != NULL)
        return error_set(judge->error, status, "explanation %d (%.60s), point %d: %.400s",
                         entry->number, entry->title, entry->variant, why);
    return error_set(judge->error, status, "claim %d (%.60s): %.400s", entry->number, entry->id,
                     why);
}

static struct entry entry_of(sqlite3_stmt *row)
{
    const char *own = (const char *)sqlite3_column_text(row, 6);

    return (struct entry){
        .title = (const char *)sqlite3_column_text(row, 0),
        .number = sqlite3_column_int(row, 1),
        .variant = sqlite3_column_int(row, 2),
        .id = (const char *)sqlite3_column_text(row, 3),
        .language = (const char *)sqlite3_column_text(row, 4),
        .query = (const char *)sqlite3_column_text(row, 5),
        .own = json_loads(own != NULL ? own : "", 0, NULL),
        .latency_ns =
            sqlite3_column_type(row, 7) == SQLITE_NULL ? NAN : sqlite3_column_double(row, 7),
    };
}

/* Asks what the file asks of one run. */
static int ask_all(struct judge *judge)
{
    static const char list[] = "SELECT title, n, variant, coalesce(id, 'without id'), language, "
                               "query, own, latency_ns FROM claims_entries WHERE query IS NOT NULL";
    char sql[80];
    sqlite3_stmt *rows;
    int status;

    snprintf(sql, sizeof(sql), "DELETE FROM judged; INSERT INTO judged VALUES (%d)", judge->run);
    status = run_sql(judge->dataset, sql, judge->error);
    rows = status == 0 ? dataset_query(judge->dataset, list, judge->error) : NULL;
    if (rows == NULL)
        return -EINVAL;
    while (status == 0 && sqlite3_step(rows) == SQLITE_ROW) {
        struct entry entry = entry_of(rows);

        status = ask(judge, &entry);
        if (status < 0) {
            struct error why = *judge->error;

            complain(judge, &entry, status, why.text);
        }
        json_decref(entry.own);
    }
    sqlite3_finalize(rows);
    return status;
}

/* ---- The file ---------------------------------------------------------------------------- */

static int load(struct dataset *dataset, const char *text, struct error *error)
{
    json_error_t where;
    json_t *file = json_loads(text, JSON_REJECT_DUPLICATES, &where);
    sqlite3_stmt *row;
    bool has_claims = json_is_array(json_object_get(file, "claims"));

    json_decref(file);
    if (file == NULL)
        return error_set(error, -EINVAL, "line %d: %s", where.line, where.text);
    if (!has_claims)
        return error_set(error, -EINVAL, "there is no array \"claims\"");
    row = dataset_query(dataset, "INSERT INTO claims_file VALUES (?)", error);
    if (row == NULL)
        return -EINVAL;
    sqlite3_bind_text(row, 1, text, -1, SQLITE_STATIC);
    sqlite3_step(row);
    sqlite3_finalize(row);
    return run_sql(dataset, "INSERT INTO claims_entries SELECT * FROM claims_listed", error);
}

/* What is wrong with the claims, beside their queries. */
static int find_fault(struct judge *judge)
{
    static const char sql[] = "SELECT title, n, variant, id, fault FROM claims_faults "
                              "WHERE fault IS NOT NULL ORDER BY title IS NOT NULL, n, variant";
    sqlite3_stmt *rows = dataset_query(judge->dataset, sql, judge->error);
    int status = rows != NULL ? 0 : -EINVAL;

    if (status == 0 && sqlite3_step(rows) == SQLITE_ROW) {
        struct entry entry = {.title = (const char *)sqlite3_column_text(rows, 0),
                              .number = sqlite3_column_int(rows, 1),
                              .variant = sqlite3_column_int(rows, 2),
                              .id = (const char *)sqlite3_column_text(rows, 3)};

        status = complain(judge, &entry, -EINVAL, (const char *)sqlite3_column_text(rows, 4));
    }
    sqlite3_finalize(rows);
    return status;
}

static int judge_runs(struct judge *judge)
{
    int runs = (int)dataset_number(judge->dataset, "SELECT count(*) FROM runs", 0);
    int status = ask_all(judge);

    if (status == 0)
        status = find_fault(judge);
    while (status == 0 && judge->run < runs) {
        judge->run++;
        status = ask_all(judge);
    }
    return status;
}

int claims_judge(struct dataset *dataset, const char *text, struct error *error)
{
    static const char insert_sql[] = "INSERT INTO claims_asked VALUES (:run, :title, :n, :variant, "
                                     ":cell, :count, :median, :low, "
                                     ":high, :min, :max, :why, :absent, :figures, :parameters)";
    static const char begin[] =
        "CREATE TEMP TABLE claims_entries AS SELECT * FROM claims_listed LIMIT 0";
    static const char end[] =
        "CREATE TABLE claim_verdicts AS SELECT * FROM claims_judged;"
        "CREATE TABLE claims AS SELECT * FROM claims_first;"
        "CREATE TABLE claims_by_language AS SELECT * FROM claims_in_languages;"
        "CREATE TABLE explanations AS SELECT * FROM claims_explained;"
        "CREATE TABLE article_figures AS SELECT * FROM claims_of_cells";
    struct judge judge = {.dataset = dataset, .error = error};
    struct error again;
    int status;

    if (sentences_register(dataset->db) != SQLITE_OK)
        return error_set(error, -ENOMEM, "no memory for the claims");
    status = run_sql(dataset, begin, error);
    if (status == 0)
        status = load(dataset, text != NULL ? text : embedded_claims_json, error);
    if (status == 0)
        judge.insert = dataset_query(dataset, insert_sql, error);
    if (judge.insert != NULL)
        status = judge_runs(&judge);
    sqlite3_finalize(judge.insert);
    /* Without claims the tables are empty, so that the rest of a report can be made. */
    if (status < 0)
        run_sql(dataset, "DELETE FROM claims_entries; DELETE FROM claims_asked", &again);
    else
        status = run_sql(dataset, "DELETE FROM claims_asked WHERE run = 0", error);
    return status < 0 ? (run_sql(dataset, end, &again), status) : run_sql(dataset, end, error);
}
