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

/* Writes the text called `name` (report/NAME.txt.in), its tables in a style for people.
 * Returns 0, or a negative errno with the reason in *error. */
int texts_show(FILE *out, struct dataset *dataset, const char *name, enum table_style style,
               struct error *error);

/* Writes the text called `name`, which has no tables, to a file. Returns 0, or a negative errno
 * with the reason in *error. */
int texts_save(const char *path, struct dataset *dataset, const char *name, struct error *error);

/* In the Markdown of the page, a paragraph of this and a number stands behind each table that a
 * query gave: its row in the dataset's table `asked` (n, sql). */
#define TEXTS_QUERY "\x1A"

/* Makes the page, a text of `size` bytes to be freed in any case, from `markdown`, with the plots
 * of `folder`/plots in it; the dataset gives its title and tells which plots there are. Nothing in
 * the text works as HTML. Returns 0; or a negative errno with the reason in *error, where a plot is
 * gone or memory lacks. */
int page_make(char **text, size_t *size, struct dataset *dataset, const char *markdown,
              const char *folder, struct error *error);

/* ---- A picture of gnuplot's as a part of an HTML page ---- */

/* Writes the picture `svg`, read to people who see none as `label` (HTML), without its symbols of
 * points. Text that is no picture of gnuplot's leaves nothing. */
void svg_write(FILE *out, const char *svg, const char *label);

/* Writes the symbols of points, the same in all pictures: a page needs them once. */
void svg_write_symbols(FILE *out, const char *svg);

#endif
