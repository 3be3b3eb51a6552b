/* The report's section on languages: the lanes in C and their twins side by side, per model. */
#ifndef REPORT_TWINS_SECTION_H
#define REPORT_TWINS_SECTION_H

#include <stdio.h>

#include "report/plots.h"

/* Writes the section; nothing where all lanes of the run are in C. */
void twins_section_write(FILE *out, const struct plot_source *source, const struct plots *plots);

#endif
