#include "report/claims.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "report/embedded.h"
#include "report/format.h"

#define LENGTH_MAX (16 << 20) /* bytes of one value */
#define STEPS      1000000    /* of SQLite's machine in one turn */
#define TURNS_MAX  20         /* about a second; no claim takes a tenth of one turn */

/* Claims are listed by claims.sql and judged by verdicts.sql; here their queries are run. */
struct judge {
    struct dataset *dataset;
    sqlite3_stmt *insert;
    int run; /* 0: everything is checked, nothing is measured */
    struct error *error;
};

static int run_sql(struct dataset *dataset, const char *sql, struct error *error)
{
    if (sqlite3_exec(dataset->db, sql, NULL, NULL, NULL) == SQLITE_OK)
        return 0;
    return error_set(error, -EINVAL, "%s", sqlite3_errmsg(dataset->db));
}

/* ---- A query ----------------------------------------------------------------------------- */

/* The file may be anyone's: a query is one SELECT that reads the dataset, and it is stopped where
 * it takes too much. */
struct query {
    sqlite3 *db;
    sqlite3_stmt *rows;
    int length_max; /* of a value in the database, as it was before */
    int turns;      /* of the progress handler */
};

/* The first column of that name, or -1. */
static int query_column(const struct query *query, const char *name)
{
    for (int i = 0; i < sqlite3_column_count(query->rows); i++)
        if (strcmp(sqlite3_column_name(query->rows, i), name) == 0)
            return i;
    return -1;
}

/* What a query may do: read, and call functions that do no more. */
static int authorise(void *user, int action, const char *a, const char *b, const char *c,
                     const char *d)
{
    bool reads = action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_RECURSIVE;
    bool calls = action == SQLITE_FUNCTION && b != NULL && strcmp(b, "load_extension") != 0;

    (void)user, (void)a, (void)c, (void)d;
    return reads || calls ? SQLITE_OK : SQLITE_DENY;
}

static int take_turn(void *user)
{
    struct query *query = user;

    return ++query->turns > TURNS_MAX;
}

static int fail(struct query *query, struct error *error)
{
    bool stopped = sqlite3_errcode(query->db) == SQLITE_INTERRUPT;

    return error_set(error, -EINVAL, "its query: %s",
                     stopped ? "it takes too long" : sqlite3_errmsg(query->db));
}

static int bind_value(sqlite3_stmt *rows, int parameter, const json_t *value)
{
    if (json_is_string(value))
        return sqlite3_bind_text(rows, parameter, json_string_value(value), -1, SQLITE_TRANSIENT);
    if (json_is_boolean(value))
        return sqlite3_bind_int(rows, parameter, json_is_true(value));
    if (json_is_number(value))
        return sqlite3_bind_double(rows, parameter, json_number_value(value));
    return SQLITE_MISMATCH;
}

static int bind(struct query *query, const json_t *values, const char *language,
                struct error *error)
{
    for (int i = 1; i <= sqlite3_bind_parameter_count(query->rows); i++) {
        const char *name = sqlite3_bind_parameter_name(query->rows, i);
        int code;

        if (name == NULL || name[0] != ':')
            return error_set(error, -EINVAL, "the parameters of its query need names as :lane");
        if (strcmp(name, ":language") == 0)
            code = sqlite3_bind_text(query->rows, i, language, -1, SQLITE_TRANSIENT);
        else
            code = bind_value(query->rows, i, json_object_get(values, name + 1));
        if (code != SQLITE_OK)
            return error_set(error, -EINVAL, "its query needs a value for %s", name);
    }
    return 0;
}

static int prepare(struct query *query, const char *sql, struct error *error)
{
    const char *rest = "";

    if (sqlite3_prepare_v2(query->db, sql, -1, &query->rows, &rest) != SQLITE_OK)
        return fail(query, error);
    if (query->rows == NULL || rest[strspn(rest, " \t\r\n;")] != '\0')
        return error_set(error, -EINVAL, "its query must be one SELECT");
    if (query_column(query, "measured") < 0)
        return error_set(error, -EINVAL, "its query has no column \"measured\"");
    return 0;
}

static void query_close(struct query *query)
{
    sqlite3_finalize(query->rows);
    sqlite3_progress_handler(query->db, 0, NULL, NULL);
    sqlite3_set_authorizer(query->db, NULL, NULL);
    sqlite3_limit(query->db, SQLITE_LIMIT_LENGTH, query->length_max);
    query->rows = NULL;
}

/* Prepares `sql`, of which each parameter, ":lane", takes the value that `values` has under that
 * name: a text, a number or a truth; ":language" is `language`. While a query is open, nothing but
 * it may be done with the dataset. Returns 0, to be closed with query_close(), or -EINVAL with the
 * reason in *error. */
static int query_open(struct query *query, struct dataset *dataset, const char *sql,
                      const json_t *values, const char *language, struct error *error)
{
    int status;

    *query = (struct query){.db = dataset->db};
    query->length_max = sqlite3_limit(query->db, SQLITE_LIMIT_LENGTH, LENGTH_MAX);
    sqlite3_set_authorizer(query->db, authorise, NULL);
    sqlite3_progress_handler(query->db, STEPS, take_turn, query);
    status = prepare(query, sql, error);
    if (status == 0)
        status = bind(query, values, language, error);
    if (status < 0)
        query_close(query);
    return status;
}

/* Steps to the next row. Returns 1, 0 after the last one, or -EINVAL with the reason. */
static int query_step(struct query *query, struct error *error)
{
    int code = sqlite3_step(query->rows);

    return code == SQLITE_ROW ? 1 : code == SQLITE_DONE ? 0 : fail(query, error);
}

/* ---- What a query gives ------------------------------------------------------------------ */

/* Takes `json`. */
static void bind_json(sqlite3_stmt *row, const char *name, json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);

    sqlite3_bind_text(row, sqlite3_bind_parameter_index(row, name), text, -1, SQLITE_TRANSIENT);
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

/* Columns of claims_entries, as ask_all() takes them. */
enum { PLACE, TITLE, NUMBER, VARIANT, LANGUAGE, QUERY, OWN, LATENCY };

static int ask(struct judge *judge, sqlite3_stmt *entry)
{
    const char *own_text = (const char *)sqlite3_column_text(entry, OWN);
    json_t *own = json_loads(own_text != NULL ? own_text : "", 0, NULL);
    bool any_latency = sqlite3_column_type(entry, LATENCY) == SQLITE_NULL;
    sqlite3_stmt *row = judge->insert;
    struct query query;
    int status = query_open(&query, judge->dataset, (const char *)sqlite3_column_text(entry, QUERY),
                            own, (const char *)sqlite3_column_text(entry, LANGUAGE), judge->error);

    if (status < 0)
        goto out;
    sqlite3_reset(row);
    sqlite3_clear_bindings(row);
    sqlite3_bind_int(row, 1, judge->run);
    for (int i = TITLE; i <= VARIANT; i++)
        sqlite3_bind_value(row, 2 + i - TITLE, sqlite3_column_value(entry, i));
    if (judge->run == 0)
        describe(row, &query);
    else
        status = look(judge, &query, any_latency ? NAN : sqlite3_column_double(entry, LATENCY));
    query_close(&query);
    if (status == 0 && sqlite3_step(row) != SQLITE_DONE)
        status = error_set(judge->error, -ENOMEM, "no memory for the claims");
out:
    json_decref(own);
    return status;
}

/* Asks what the file asks of one run. */
static int ask_all(struct judge *judge)
{
    static const char list[] =
        "SELECT place, title, n, variant, language, query, own, 1e6 * latency_ms "
        "FROM claims_entries WHERE query IS NOT NULL";
    char sql[80];
    sqlite3_stmt *rows;
    int status;

    snprintf(sql, sizeof(sql), "DELETE FROM judged; INSERT INTO judged VALUES (%d)", judge->run);
    status = run_sql(judge->dataset, sql, judge->error);
    rows = status == 0 ? dataset_query(judge->dataset, list, judge->error) : NULL;
    if (rows == NULL)
        return -EINVAL;
    while (status == 0 && sqlite3_step(rows) == SQLITE_ROW) {
        status = ask(judge, rows);
        if (status < 0) {
            struct error why = *judge->error;

            error_set(judge->error, status, "%.200s: %.400s",
                      (const char *)sqlite3_column_text(rows, PLACE), why.text);
        }
    }
    sqlite3_finalize(rows);
    return status;
}

/* ---- The file ---------------------------------------------------------------------------- */

static int load(struct dataset *dataset, const char *text, struct error *error)
{
    json_error_t where;
    json_t *file = json_loads(text, JSON_REJECT_DUPLICATES, &where);
    bool has_claims = json_is_array(json_object_get(file, "claims"));

    json_decref(file);
    if (file == NULL)
        return error_set(error, -EINVAL, "line %d: %s", where.line, where.text);
    if (!has_claims)
        return error_set(error, -EINVAL, "there is no array \"claims\"");
    if (dataset_execute(dataset, "INSERT INTO claims_file VALUES (json(?))", "s", text) < 0)
        return error_set(error, -EINVAL, "SQLite does not take it");
    return 0;
}

/* What is wrong with the claims, beside their queries. */
static int find_fault(struct judge *judge)
{
    char *fault =
        dataset_text(judge->dataset, "SELECT place || ': ' || fault FROM claims_faults "
                                     "WHERE fault IS NOT NULL ORDER BY title IS NOT NULL, "
                                     "n, variant LIMIT 1");
    int status = fault != NULL ? error_set(judge->error, -EINVAL, "%s", fault) : 0;

    free(fault);
    return status;
}

static int judge_runs(struct dataset *dataset, struct error *error)
{
    static const char insert[] = "INSERT INTO claims_asked VALUES (:run, :title, :n, :variant, "
                                 ":measured, :cell, :why, :figures, :parameters, "
                                 ":other_latency_ns)";
    struct judge judge = {.dataset = dataset, .error = error};
    int runs = (int)dataset_number(dataset, "SELECT count(*) FROM runs", 0);
    int status;

    judge.insert = dataset_query(dataset, insert, error);
    status = judge.insert != NULL ? ask_all(&judge) : -EINVAL;
    if (status == 0)
        status = find_fault(&judge);
    while (status == 0 && judge.run < runs) {
        judge.run++;
        status = ask_all(&judge);
    }
    sqlite3_finalize(judge.insert);
    return status;
}

int claims_judge(struct dataset *dataset, const char *text, struct error *error)
{
    static const char none[] = "DELETE FROM claims_asked; DELETE FROM claims_entries";
    struct error again;
    int status = run_sql(dataset, "CREATE TEMP TABLE claims_file (j)", error), code;

    if (status == 0)
        status = load(dataset, text != NULL ? text : embedded_claims_json, error);
    code = run_sql(dataset, embedded_claims_sql, status == 0 ? error : &again);
    if (status == 0)
        status = code == 0 ? judge_runs(dataset, error) : code;
    /* Without claims the tables are empty, so that the rest of a report can be made. */
    if (status < 0)
        run_sql(dataset, none, &again);
    code = run_sql(dataset, embedded_verdicts_sql, status == 0 ? error : &again);
    return status < 0 ? status : code;
}
