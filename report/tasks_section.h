/* The report's section on sleeping tasks: what each costs that only waits, by kind. */
#ifndef REPORT_TASKS_SECTION_H
#define REPORT_TASKS_SECTION_H

#include <stdio.h>

#include "report/plots.h"

/* Writes the section; nothing where the run has no tasks. */
void tasks_section_write(FILE *out, const struct run *run, const struct plots *plots);

/* Writes one sentence: bytes per task of each kind, the least first; nothing where none is known.
 */
void tasks_section_answer(FILE *out, const struct run *run);

/* Whether the run holds nothing but sleeping tasks. */
bool tasks_section_is_all(const struct run *run);

#endif
