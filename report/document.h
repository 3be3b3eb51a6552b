/* The report as one Markdown text. */
#ifndef REPORT_DOCUMENT_H
#define REPORT_DOCUMENT_H

#include <stdio.h>

#include "report/plots.h"

/* Writes the whole report. The same run gives the same text, whenever it is made. */
void document_write(FILE *out, const struct plot_source *source, const struct plots *plots);

/* Writes the report's title in plain text: "Concurrency models on one workload: 2026…-article". */
void document_title(FILE *out, const struct run *run);

#endif
