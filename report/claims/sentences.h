/* Sentences with figures of the run: "{wall}" stands for the column `wall` of a query's row. */
#ifndef REPORT_CLAIMS_SENTENCES_H
#define REPORT_CLAIMS_SENTENCES_H

#include <sqlite3.h>

/* Registers the functions of SQL that write them, of JSON texts: `sentences` is an array of texts,
 * `figures` an object of texts.
 *
 *   filled(sentences, figures)   the sentences with a blank between them; one that needs a figure
 *                                which is not there is left out; NULL: all are
 *   figure_text(x, unit)         x in a unit of claims.json, "276 ms"; NULL: there is no such unit
 *
 * Returns a code of SQLite. */
int sentences_register(sqlite3 *db);

#endif
