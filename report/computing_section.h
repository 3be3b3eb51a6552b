/* The parts of the report about work that computes: in the answer for a reader in a hurry, and as
 * sections. */
#ifndef REPORT_COMPUTING_SECTION_H
#define REPORT_COMPUTING_SECTION_H

#include <stdio.h>

#include "report/plots.h"

/* Writes how much faster each way to compute is at its best than one item after another, and where
 * the single loop stops being the best choice for mixed work; nothing where the run has no such
 * cells. */
void computing_section_answer(FILE *out, const struct plot_source *source);

/* Write "Work for the CPU" and "Mixed work", each with its plot and table, or nothing where the run
 * has no such cells. */
void computing_section_write_cpu(FILE *out, const struct plot_source *source,
                                 const struct plots *plots);
void computing_section_write_mixed(FILE *out, const struct plot_source *source,
                                   const struct plots *plots);

#endif
