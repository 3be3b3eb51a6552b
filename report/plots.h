/* The plots of a report (plots.json), each of one of three forms: gnuplot scripts (rows.gp,
 * curves.gp, timelines.gp) that read CSV by the names of its columns. They are built into the
 * program; what a plot shows is a table that plots.sql makes of the dataset. */
#ifndef REPORT_PLOTS_H
#define REPORT_PLOTS_H

#include <stdbool.h>

#include "common/error.h"
#include "report/dataset/dataset.h"

/* Draws all plots for which the frozen dataset has data (the first run's, where it has several)
 * into `folder`/plots: NAME.svg, with `png` NAME.png as well, and NAME.csv, which they are drawn
 * from. Plots of an earlier report that are not drawn again are removed. To be called when the
 * claims are judged, of which the plots show the article's figures. Adds a table `plots` to the
 * dataset, a row for each: name, title (plain text, NULL: there is none), state ('made', 'empty' or
 * 'failed'), error (NULL: none). Returns 0 where all was drawn that has data; -ENOENT where there
 * is no gnuplot; another negative errno with the reason in *error. */
int plots_draw(struct dataset *dataset, const char *folder, bool png, struct error *error);

#endif
