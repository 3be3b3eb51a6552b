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
    sqlite3_stmt *insert; /* into claims_asked */
    sqlite3_stmt *rows;   /* of the query that is asked */
    int run, runs;        /* 0: everything is checked, nothing is measured */
    int turns;            /* that the query has taken */
    struct error *error;
};

/* ---- A query ----------------------------------------------------------------------------- */

/* The file may be anyone's: a query is one SELECT that reads the dataset, and it is stopped where
 * it takes too much. */

/* The first column of that name, or -1. */
static int query_column(const struct judge *judge, const char *name)
{
    for (int i = 0; i < sqlite3_column_count(judge->rows); i++)
        if (strcmp(sqlite3_column_name(judge->rows, i), name) == 0)
            return i;
    return -1;
}

/* What a query may do: read, and call functions that do no more. What a pragma gives as a table is
 * asked for when the query runs, where newer versions of SQLite ask nobody. */
static int authorise(void *user, int action, const char *a, const char *b, const char *c,
                     const char *d)
{
    bool pragma = a != NULL && sqlite3_strnicmp(a, "pragma_", 7) == 0;
    bool reads =
        action == SQLITE_SELECT || (action == SQLITE_READ && !pragma) || action == SQLITE_RECURSIVE;
    bool calls = action == SQLITE_FUNCTION && b != NULL && strcmp(b, "load_extension") != 0;

    (void)user, (void)c, (void)d;
    return reads || calls ? SQLITE_OK : SQLITE_DENY;
}

static int take_turn(void *user)
{
    struct judge *judge = user;

    return ++judge->turns > TURNS_MAX;
}

static int fail(const struct judge *judge)
{
    sqlite3 *db = judge->dataset->db;

    return error_set(judge->error, -EINVAL, "its query: %s",
                     sqlite3_errcode(db) == SQLITE_INTERRUPT ? "it takes too long"
                                                             : sqlite3_errmsg(db));
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

/* Each parameter, ":lane", takes the value that `values` has under that name: a text, a number or a
 * truth. */
static int bind(const struct judge *judge, const json_t *values)
{
    for (int i = 1; i <= sqlite3_bind_parameter_count(judge->rows); i++) {
        const char *name = sqlite3_bind_parameter_name(judge->rows, i);

        if (name == NULL || name[0] != ':')
            return error_set(judge->error, -EINVAL,
                             "the parameters of its query need names as :lane");
        if (bind_value(judge->rows, i, json_object_get(values, name + 1)) != SQLITE_OK)
            return error_set(judge->error, -EINVAL, "its query needs a value for %s", name);
    }
    return 0;
}

static int prepare(struct judge *judge, const char *sql)
{
    sqlite3 *db = judge->dataset->db;
    const char *rest = "";
    int code;

    sqlite3_set_authorizer(db, authorise, NULL);
    code = sqlite3_prepare_v2(db, sql, -1, &judge->rows, &rest);
    sqlite3_set_authorizer(db, NULL, NULL);
    if (code != SQLITE_OK)
        return fail(judge);
    if (judge->rows == NULL || rest[strspn(rest, " \t\r\n;")] != '\0')
        return error_set(judge->error, -EINVAL, "its query must be one SELECT");
    if (query_column(judge, "measured") < 0)
        return error_set(judge->error, -EINVAL, "its query has no column \"measured\"");
    return 0;
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
static void bind_column(const struct judge *judge, const char *name, const char *column)
{
    int index = query_column(judge, column);

    if (index >= 0)
        sqlite3_bind_value(judge->insert, sqlite3_bind_parameter_index(judge->insert, name),
                           sqlite3_column_value(judge->rows, index));
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

/* Takes the first row that measures something; where there is none, the first that says why. Rows
 * of another latency than the claim's (NAN: it may be any) are none. */
static int look(struct judge *judge, double latency_ns)
{
    int latency = isfinite(latency_ns) ? query_column(judge, "latency_ns") : -1;
    bool taken = false;
    int code;

    while ((code = sqlite3_step(judge->rows)) == SQLITE_ROW) {
        bool measures =
            sqlite3_column_type(judge->rows, query_column(judge, "measured")) != SQLITE_NULL;

        if (latency >= 0 && sqlite3_column_double(judge->rows, latency) != latency_ns) {
            bind_column(judge, ":other_latency_ns", "latency_ns");
            continue;
        }
        if (measures || !taken) {
            bind_column(judge, ":measured", "measured");
            bind_column(judge, ":cell", "cell");
            bind_column(judge, ":why", "why");
            bind_json(judge->insert, ":figures", figures_of(judge->rows));
        }
        if (measures)
            return 0;
        taken = true;
    }
    return code == SQLITE_DONE ? 0 : fail(judge);
}

/* What a query is made of, for claims_faults: its columns as figures, and its parameters. */
static void describe(const struct judge *judge)
{
    json_t *columns = json_object(), *parameters = json_array();

    for (int i = 0; i < sqlite3_column_count(judge->rows); i++)
        json_object_set_new(columns, sqlite3_column_name(judge->rows, i), json_string(""));
    for (int i = 1; i <= sqlite3_bind_parameter_count(judge->rows); i++)
        json_array_append_new(parameters,
                              json_string(sqlite3_bind_parameter_name(judge->rows, i) + 1));
    bind_json(judge->insert, ":figures", columns);
    bind_json(judge->insert, ":parameters", parameters);
}

/* ---- Queries ----------------------------------------------------------------------------- */

/* Columns of claims_entries, as ask_all() takes them. */
enum { PLACE, TITLE, NUMBER, VARIANT, QUERY, VALUES, LATENCY };

/* Asks one run, which the views of claims.sql show then. */
static int ask_run(struct judge *judge, sqlite3_stmt *entry)
{
    bool any_latency = sqlite3_column_type(entry, LATENCY) == SQLITE_NULL;
    int status = 0;

    if (dataset_execute(judge->dataset, "UPDATE judged SET run = ?", "i", judge->run) < 0)
        return error_set(judge->error, -ENOMEM, "no memory for the claims");
    judge->turns = 0;
    sqlite3_reset(judge->insert);
    sqlite3_clear_bindings(judge->insert);
    sqlite3_bind_int(judge->insert, 1, judge->run);
    for (int i = TITLE; i <= VARIANT; i++)
        sqlite3_bind_value(judge->insert, 2 + i - TITLE, sqlite3_column_value(entry, i));
    if (judge->run == 0)
        describe(judge);
    else
        status = look(judge, any_latency ? NAN : sqlite3_column_double(entry, LATENCY));
    sqlite3_reset(judge->rows);
    if (status == 0 && sqlite3_step(judge->insert) != SQLITE_DONE)
        status = error_set(judge->error, -ENOMEM, "no memory for the claims");
    return status;
}

static int ask(struct judge *judge, sqlite3_stmt *entry)
{
    json_t *values = json_loads((const char *)sqlite3_column_text(entry, VALUES), 0, NULL);
    int status = prepare(judge, (const char *)sqlite3_column_text(entry, QUERY));

    if (status == 0)
        status = bind(judge, values);
    for (judge->run = 0; status == 0 && judge->run <= judge->runs; judge->run++)
        status = ask_run(judge, entry);
    sqlite3_finalize(judge->rows);
    json_decref(values);
    return status;
}

static int ask_all(struct judge *judge)
{
    static const char list[] =
        "SELECT place, title, n, variant, query, "
        "json_patch(own, json_object('language', language, 'pattern', pattern)), "
        "1e6 * latency_ms FROM claims_entries WHERE query IS NOT NULL";
    sqlite3_stmt *entries = dataset_query(judge->dataset, list, judge->error);
    int status = entries != NULL ? 0 : -EINVAL;

    while (status == 0 && sqlite3_step(entries) == SQLITE_ROW) {
        status = ask(judge, entries);
        if (status < 0) {
            struct error why = *judge->error;

            error_set(judge->error, status, "%.200s: %.400s",
                      (const char *)sqlite3_column_text(entries, PLACE), why.text);
        }
    }
    sqlite3_finalize(entries);
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
    int status, length_max = sqlite3_limit(dataset->db, SQLITE_LIMIT_LENGTH, LENGTH_MAX);

    sqlite3_progress_handler(dataset->db, STEPS, take_turn, &judge);
    judge.runs = (int)dataset_number(dataset, "SELECT count(*) FROM runs", 0);
    judge.insert = dataset_query(dataset, insert, error);
    status = judge.insert != NULL ? ask_all(&judge) : -EINVAL;
    sqlite3_progress_handler(dataset->db, 0, NULL, NULL);
    if (status == 0)
        status = find_fault(&judge);
    sqlite3_finalize(judge.insert);
    sqlite3_limit(dataset->db, SQLITE_LIMIT_LENGTH, length_max);
    return status;
}

int claims_judge(struct dataset *dataset, const char *text, struct error *error)
{
    static const char none[] = "DELETE FROM claims_asked; DELETE FROM claims_entries";
    struct error again;
    int status = dataset_run(dataset, "CREATE TEMP TABLE claims_file (j)", error), code;

    if (status == 0)
        status = load(dataset, text != NULL ? text : embedded_claims_json, error);
    code = dataset_run(dataset, embedded_claims_sql, status == 0 ? error : &again);
    if (status == 0)
        status = code == 0 ? judge_runs(dataset, error) : code;
    /* Without claims the tables are empty, so that the rest of a report can be made. */
    if (status < 0)
        dataset_run(dataset, none, &again);
    code = dataset_run(dataset, embedded_verdicts_sql, status == 0 ? error : &again);
    return status < 0 ? status : code;
}
