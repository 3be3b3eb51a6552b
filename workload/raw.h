/* Where the requests of the raw client go and what they say: found once, before any thread or
 * process, and shared by all that make them. The client itself is a kind of talk (raw.c, talk.h):
 * it does nothing more than it must (`--client raw`), so that, held against libcurl, it tells the
 * model from the client library. */
#ifndef WORKLOAD_RAW_H
#define WORKLOAD_RAW_H

#include <stddef.h>

struct addrinfo;

struct raw_target {
    struct addrinfo *addresses; /* NULL: the name could not be resolved */
    char *before;               /* the bytes of a request before its id, */
    const char *after;          /* … and those after it */
    size_t before_size, after_size;
};

/* Why this client cannot make requests of `url`, which libcurl can; NULL: it can. */
const char *raw_refuse(const char *url);

/* Reads the URL, which was not refused, and resolves its host. Returns 0 or -ENOMEM. */
int raw_target_init(struct raw_target *target, const char *url);
void raw_target_term(struct raw_target *target);

#endif
