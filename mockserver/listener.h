/* Sockets that wait for clients. */
#ifndef MOCKSERVER_LISTENER_H
#define MOCKSERVER_LISTENER_H

#include <stdbool.h>
#include <stddef.h>

#include "common/error.h"

#define LISTENERS_MAX     1024
#define LISTENER_URL_SIZE 96 /* bytes that `url` needs */

struct listeners {
    int fds[LISTENERS_MAX];
    size_t count;
};

/* Listens on `address`, "ADDRESS:PORT" with a numeric address ("[::1]:8080" for IPv6), whose last
 * number may be a range ("127.0.0.1-8:8080"); port 0 picks a free one, the same for all of a range.
 * Where `shared`, other processes' listeners may be added by listeners_twin(). Adds the nonblocking
 * sockets to `listeners`. Returns 0, or a negative errno (-EINVAL: not such an address) with cause
 * and remedy in `error`. */
int listeners_open(struct listeners *listeners, const char *address, bool shared,
                   struct error *error);

/* Fills `twin` with sockets that listen on the same addresses; the kernel spreads the clients over
 * them all. Returns as listeners_open(). */
int listeners_twin(const struct listeners *listeners, struct listeners *twin, struct error *error);

/* Writes "http://ADDRESS:PORT" of the listener `fd` to `url` and returns it. */
const char *listener_url(int fd, char *url);

/* Whether other machines may reach the listener `fd`. */
bool listener_is_public(int fd);

/* Closes them all; afterwards there are none. */
void listeners_close(struct listeners *listeners);

#endif
