/* The database of the pipeline: SQLite in its own file. Calls block: they are made off the loop,
 * and by one thread at a time. */
#ifndef PATTERNS_DATABASE_H
#define PATTERNS_DATABASE_H

#include <stddef.h>
#include <stdint.h>

struct database;

struct row {
    uint64_t id;
    char name[32];
    char profile[64];
};

/* Makes a database with an empty table of users. Returns NULL where that fails. */
struct database *database_open(const char *path);
void database_close(struct database *database);

/* Saves the rows in one transaction, with one prepared statement. Returns 0 or -EIO: none is saved.
 */
int database_save(struct database *database, const struct row rows[], size_t count);

/* The number of rows and the sum of their ids; -1 where it fails. */
int64_t database_count(struct database *database);
int64_t database_sum(struct database *database);

#endif
