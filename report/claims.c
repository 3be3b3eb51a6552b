#include "report/claims.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/claims/query.h"
#include "report/claims/sentences.h"
#include "report/embedded.h"
#include "report/format.h"

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

/* ---- What a query gives ------------------------------------------------------------------ */

static void bind_text(sqlite3_stmt *row, const char *name, const char *text)
{
    sqlite3_bind_text(row, sqlite3_bind_parameter_index(row, name), text, -1, SQLITE_TRANSIENT);
}

static void bind_number(sqlite3_stmt *row, const char *name, int number)
{
    sqlite3_bind_int(row, sqlite3_bind_parameter_index(row, name), number);
}

/* Takes `json`. */
static void bind_json(sqlite3_stmt *row, const char *name, json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);

    bind_text(row, name, text);
    free(text);
    json_decref(json);
}

/* The value of a column of the query's row; nothing where there is no such column. */
static void bind_column(sqlite3_stmt *row, const char *name, const struct query *query,
                        const char *column)
{
    int index = query_column(query, column);

    if (index >= 0)
        sqlite3_bind_value(row, sqlite3_bind_parameter_index(row, name),
                           sqlite3_column_value(query->rows, index));
}

/* What sentences may name: what of the row can be a text, and is known. */
static json_t *figures_of(sqlite3_stmt *row)
{
    json_t *figures = json_object();

    for (int i = 0; i < sqlite3_column_count(row); i++) {
        int type = sqlite3_column_type(row, i);
        bool is_text = type != SQLITE_NULL && type != SQLITE_BLOB;
        const char *text = is_text ? (const char *)sqlite3_column_text(row, i) : NULL;

        if (text != NULL && strcmp(text, FORMAT_UNKNOWN) != 0)
            json_object_set_new(figures, sqlite3_column_name(row, i), json_string(text));
    }
    return figures;
}

static void take_row(sqlite3_stmt *row, const struct query *query)
{
    bind_column(row, ":measured", query, "measured");
    bind_column(row, ":cell", query, "cell");
    bind_column(row, ":why", query, "why");
    bind_json(row, ":figures", figures_of(query->rows));
}

static bool is_other_latency(const struct query *query, double latency_ns)
{
    int column = query_column(query, "latency_ns");

    return isfinite(latency_ns) && column >= 0 &&
           sqlite3_column_double(query->rows, column) != latency_ns;
}

/* Takes the first row that measures something; where there is none, the first that says why. */
static int look(struct judge *judge, struct query *query, double latency_ns)
{
    bool taken = false;
    int status;

    while ((status = query_step(query, judge->error)) > 0) {
        bool measures =
            sqlite3_column_type(query->rows, query_column(query, "measured")) != SQLITE_NULL;

        if (is_other_latency(query, latency_ns)) {
            bind_column(judge->insert, ":other_latency_ns", query, "latency_ns");
            continue;
        }
        if (measures || !taken)
            take_row(judge->insert, query);
        if (measures)
            return 0;
        taken = true;
    }
    return status;
}

/* What a query is made of, for claims_faults: its columns as figures, and its parameters. */
static void describe(sqlite3_stmt *row, const struct query *query)
{
    json_t *columns = json_object(), *parameters = json_array();

    for (int i = 0; i < sqlite3_column_count(query->rows); i++)
        json_object_set_new(columns, sqlite3_column_name(query->rows, i), json_string(""));
    for (int i = 1; i <= sqlite3_bind_parameter_count(query->rows); i++)
        json_array_append_new(parameters,
                              json_string(sqlite3_bind_parameter_name(query->rows, i) + 1));
    bind_json(row, ":figures", columns);
    bind_json(row, ":parameters", parameters);
}

/* ---- Queries ----------------------------------------------------------------------------- */

static int ask(struct judge *judge, const struct entry *entry)
{
    sqlite3_stmt *row = judge->insert;
    struct query query;
    int status =
        query_open(&query, judge->dataset, entry->query, entry->own, entry->language, judge->error);

    if (status < 0)
        return status;
    sqlite3_reset(row);
    sqlite3_clear_bindings(row);
    bind_number(row, ":run", judge->run);
    bind_text(row, ":title", entry->title);
    bind_number(row, ":n", entry->number);
    bind_number(row, ":variant", entry->variant);
    if (judge->run == 0)
        describe(row, &query);
    else
        status = look(judge, &query, entry->latency_ns);
    query_close(&query);
    if (status == 0 && sqlite3_step(row) != SQLITE_DONE)
        status = error_set(judge->error, -ENOMEM, "no memory for the claims");
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
    static const char list[] =
        "SELECT title, n, variant, coalesce(id, 'without id'), language, "
        "query, own, 1e6 * latency_ms FROM claims_entries WHERE query IS NOT NULL";
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

/* Without claims the tables are empty, so that the rest of a report can be made. */
static int make_tables(struct dataset *dataset, bool judged, struct error *error)
{
    static const char sql[] = "CREATE TABLE claim_verdicts AS SELECT * FROM claims_judged;"
                              "CREATE TABLE claims AS SELECT * FROM claims_answered;"
                              "CREATE TABLE explanations AS SELECT * FROM claims_explained;"
                              "CREATE TABLE article_figures AS SELECT * FROM claims_of_cells";
    int status = run_sql(dataset,
                         judged ? "DELETE FROM claims_asked WHERE run = 0"
                                : "DELETE FROM claims_asked; DELETE FROM claims_entries",
                         error);

    return status == 0 ? run_sql(dataset, sql, error) : status;
}

int claims_judge(struct dataset *dataset, const char *text, struct error *error)
{
    static const char insert[] = "INSERT INTO claims_asked VALUES (:run, :title, :n, :variant, "
                                 ":measured, :cell, :why, :figures, :parameters, "
                                 ":other_latency_ns)";
    struct judge judge = {.dataset = dataset, .error = error};
    struct error again;
    int status;

    if (sentences_register(dataset->db) != SQLITE_OK)
        return error_set(error, -ENOMEM, "no memory for the claims");
    judge.insert = dataset_query(dataset, insert, error);
    if (judge.insert == NULL)
        return -EINVAL;
    status = load(dataset, text != NULL ? text : embedded_claims_json, error);
    if (status == 0)
        status = judge_runs(&judge);
    sqlite3_finalize(judge.insert);
    if (status == 0)
        return make_tables(dataset, true, error);
    make_tables(dataset, false, &again);
    return status;
}
