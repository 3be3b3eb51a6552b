#include "patterns/database.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>

#define SCHEMA                                                                                     \
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"                                      \
    "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, profile TEXT NOT NULL);"
#define INSERT "INSERT INTO users VALUES (?, ?, ?)"

struct database {
    sqlite3 *connection;
    sqlite3_stmt *insert;
};

struct database *database_open(const char *path)
{
    struct database *database = calloc(1, sizeof(*database));

    if (database == NULL)
        return NULL;
    if (sqlite3_open(path, &database->connection) == SQLITE_OK &&
        sqlite3_exec(database->connection, SCHEMA, NULL, NULL, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(database->connection, INSERT, -1, &database->insert, NULL) == SQLITE_OK)
        return database;
    database_close(database);
    return NULL;
}

void database_close(struct database *database)
{
    if (database == NULL)
        return;
    sqlite3_finalize(database->insert);
    sqlite3_close(database->connection);
    free(database);
}

static int insert(struct database *database, const struct row *row)
{
    sqlite3_stmt *statement = database->insert;
    int status;

    sqlite3_bind_int64(statement, 1, (sqlite3_int64)row->id);
    sqlite3_bind_text(statement, 2, row->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 3, row->profile, -1, SQLITE_STATIC);
    status = sqlite3_step(statement);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    return status == SQLITE_DONE ? 0 : -EIO;
}

int database_save(struct database *database, const struct row rows[], size_t count)
{
    int error = 0;

    if (sqlite3_exec(database->connection, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
        return -EIO;
    for (size_t i = 0; i < count && error == 0; i++)
        error = insert(database, &rows[i]);
    if (error == 0 && sqlite3_exec(database->connection, "COMMIT", NULL, NULL, NULL) == SQLITE_OK)
        return 0;
    sqlite3_exec(database->connection, "ROLLBACK", NULL, NULL, NULL);
    return -EIO;
}

static int64_t ask(struct database *database, const char *question)
{
    sqlite3_stmt *statement;
    int64_t answer = -1;

    if (sqlite3_prepare_v2(database->connection, question, -1, &statement, NULL) != SQLITE_OK)
        return -1;
    if (sqlite3_step(statement) == SQLITE_ROW)
        answer = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return answer;
}

int64_t database_count(struct database *database)
{
    return ask(database, "SELECT count(*) FROM users");
}

int64_t database_sum(struct database *database)
{
    return ask(database, "SELECT coalesce(sum(id), 0) FROM users");
}
