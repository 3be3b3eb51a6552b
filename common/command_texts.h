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

/* Whole rows of an array of options, each with `name`, `letter`, `kind` ("flag", "text", "time" or
 * "number"; flag), `argument`, `help`, `min` and `max`. The value of the i-th goes to i times
 * `size` bytes from the beginning of the options. Returns their number, at most `most`. */
size_t command_rows(struct option_row *rows, size_t most, const json_t *options, size_t size);

/* The text of an option as a value of JSON. Ends the program where it is none: not UTF-8. */
json_t *command_json(struct argp_state *state, const char *text);

#endif
