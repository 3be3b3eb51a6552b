/* Texts from templates: report.md and report.html (*.md.in), and what `bench` shows of runs in the
 * terminal (*.txt.in). */
#ifndef REPORT_TEXTS_H
#define REPORT_TEXTS_H

#include <stdio.h>

#include "common/error.h"
#include "report/dataset/dataset.h"
#include "report/table.h"

/* Writes both to `folder` from the frozen dataset with its claims and plots. Returns 0 or a
 * negative errno with the reason in *error. */
int texts_write(struct dataset *dataset, const char *folder, struct error *error);

/* Writes the text called `name` (EMBEDDED_TEXTS of embedded.h), its tables in a style for people.
 * Returns 0, or a negative errno with the reason in *error. */
int texts_show(FILE *out, struct dataset *dataset, const char *name, enum table_style style,
               struct error *error);

/* Writes the text called `name`, which has no tables, to a file. Returns 0, or a negative errno
 * with the reason in *error. */
int texts_save(const char *path, struct dataset *dataset, const char *name, struct error *error);

/* In the Markdown of the page, a paragraph of this and a number stands behind each table that a
 * query gave: its row in the dataset's table `asked` (n, sql). */
#define TEXTS_QUERY "\x1A"

/* Writes the page made from `markdown`, with the plots of `folder`/plots in it; the dataset gives
 * its title and tells which plots there are. Nothing in the text works as HTML. Returns 0; or a
 * negative errno with the reason in *error, where a plot is gone or memory lacks. */
int page_write(FILE *out, struct dataset *dataset, const char *markdown, const char *folder,
               struct error *error);

#endif
