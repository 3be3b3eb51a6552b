/* A query of the claims file. The file may be anyone's: a query is one SELECT that reads the
 * dataset, and it is stopped where it takes too much. */
#ifndef REPORT_CLAIMS_QUERY_H
#define REPORT_CLAIMS_QUERY_H

#include <jansson.h>

#include "common/error.h"
#include "report/dataset/dataset.h"

struct query {
    sqlite3 *db;
    sqlite3_stmt *rows;
    int length_max; /* of a value in the database, as it was before */
    int turns;      /* of the progress handler */
};

/* Prepares `sql`, of which each parameter, ":lane", takes the value that `values` has under that
 * name: a text, a number or a truth; ":language" is `language`. While a query is open, nothing but
 * it may be done with the dataset. Returns 0, to be closed with query_close(), or -EINVAL with the
 * reason in *error. */
int query_open(struct query *query, struct dataset *dataset, const char *sql, const json_t *values,
               const char *language, struct error *error);
void query_close(struct query *query);

/* Steps to the next row. Returns 1, 0 after the last one, or -EINVAL with the reason. */
int query_step(struct query *query, struct error *error);

/* The first column of that name, or -1. */
int query_column(const struct query *query, const char *name);

#endif
