#include "report/claims/query.h"

#include <errno.h>
#include <string.h>

#define LENGTH_MAX (16 << 20) /* bytes of one value */
#define STEPS      1000000    /* of SQLite's machine in one turn */
#define TURNS_MAX  20         /* about a second; no claim takes a tenth of one turn */

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

int query_open(struct query *query, struct dataset *dataset, const char *sql, const json_t *values,
               const char *language, struct error *error)
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

void query_close(struct query *query)
{
    sqlite3_finalize(query->rows);
    sqlite3_progress_handler(query->db, 0, NULL, NULL);
    sqlite3_set_authorizer(query->db, NULL, NULL);
    sqlite3_limit(query->db, SQLITE_LIMIT_LENGTH, query->length_max);
    query->rows = NULL;
}

int query_step(struct query *query, struct error *error)
{
    int code = sqlite3_step(query->rows);

    return code == SQLITE_ROW ? 1 : code == SQLITE_DONE ? 0 : fail(query, error);
}

int query_column(const struct query *query, const char *name)
{
    for (int i = 0; i < sqlite3_column_count(query->rows); i++)
        if (strcmp(sqlite3_column_name(query->rows, i), name) == 0)
            return i;
    return -1;
}
