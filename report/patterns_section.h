/* The part of the report about the article's patterns, mistakes and practices. */
#ifndef REPORT_PATTERNS_SECTION_H
#define REPORT_PATTERNS_SECTION_H

#include <stdio.h>

#include "report/plots.h"

/* Writes the section, or nothing where the run has no patterns.jsonl. */
void patterns_section_write(FILE *out, const struct run *run, const struct plots *plots);

#endif
