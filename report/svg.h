/* A picture of gnuplot's as a part of an HTML page. */
#ifndef REPORT_SVG_H
#define REPORT_SVG_H

#include <stdio.h>

/* Writes the picture `svg`, read to people who see none as `label` (HTML), without its symbols of
 * points. Text that is no picture of gnuplot's leaves nothing. */
void svg_write(FILE *out, const char *svg, const char *label);

/* Writes the symbols of points, the same in all pictures: a page needs them once. */
void svg_write_symbols(FILE *out, const char *svg);

#endif
