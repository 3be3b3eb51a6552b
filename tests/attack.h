/* A count of what is attacked and of what held, for the table of `make attack`. Where the
 * environment names a file in ATTACK_LOG, each attempt is a line there, and one more if it held. */
#ifndef TESTS_ATTACK_H
#define TESTS_ATTACK_H

#include <stdbool.h>

/* Whether somebody counts, so that time does not matter. */
bool attack_runs(void);

/* `kind` is a row of the table, `name` the attack, `on` what is attacked ("": one thing only). What
 * fails a test between the two has not held. */
void attack_try(const char *kind, const char *name, const char *on);
void attack_held(const char *kind, const char *name, const char *on);

#endif
