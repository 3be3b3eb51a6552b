/* What --help says, from JSON: texts that are data of a program. */
#ifndef COMMON_COMMAND_TEXTS_H
#define COMMON_COMMAND_TEXTS_H

#include <jansson.h>

#include "common/command_line.h"

#define COMMAND_EXAMPLES_MAX 5

/* Takes `subjects` (what it takes), `summary`, `details`, `statuses` and `examples` of `said`,
 * which must stay as long as they are used, as `examples` must. */
void command_texts(struct command_line *line, const json_t *said,
                   const char *examples[COMMAND_EXAMPLES_MAX + 1]);

/* Takes `argument` and `help` of each option from `said`, by its name; what a row says of its
 * own accord stays where `said` does not name it. */
void command_texts_of_rows(struct option_row *rows, size_t count, const json_t *said);

#endif
