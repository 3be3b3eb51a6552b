/* Values of options: each function reads one, or ends the program with status 2 and a message that
 * names the option and shows how to write it. */
#ifndef WORKLOAD_OPTION_VALUES_H
#define WORKLOAD_OPTION_VALUES_H

#include <argp.h>
#include <stddef.h>
#include <stdint.h>

/* A time above 0, in nanoseconds. */
uint64_t option_duration(struct argp_state *state, const char *name, const char *text);

/* A number from 1 to 10M. */
uint64_t option_count(struct argp_state *state, const char *name, const char *text);

/* A number of rounds, at least 1. */
uint64_t option_rounds(struct argp_state *state, const char *text);

/* Bytes of a block of the hash chain. */
size_t option_block(struct argp_state *state, const char *text);

/* What the hash chain must come to: CHAIN_DIGEST_BYTES to `digest`. */
void option_digest(struct argp_state *state, const char *text, unsigned char *digest);

/* The place of `text` in `words`, which end with NULL. */
int option_word(struct argp_state *state, const char *name, const char *text,
                const char *const *words);

/* Checks that `url` is one of http or https that holds {id} once. */
void option_check_url(struct argp_state *state, const char *url);

#endif
