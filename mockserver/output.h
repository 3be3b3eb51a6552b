/* Bytes on their way to a nonblocking socket: sent at once as a rule, kept as far as the socket
 * does not take them. All zeros is empty. */
#ifndef MOCKSERVER_OUTPUT_H
#define MOCKSERVER_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct output {
    char *kept; /* NULL where nothing is left to send */
    uint32_t size;
    uint32_t sent; /* of `size` */
};

/* Sends `size` bytes to `fd`; nothing may be kept yet. Returns how many the socket took, the others
 * are kept; or a negative errno. */
ssize_t output_send(struct output *output, int fd, const char *bytes, size_t size);

/* Keeps a copy of `size` bytes for output_go_on(). Returns 0 or -ENOMEM. */
int output_keep(struct output *output, const char *bytes, size_t size);

/* Sends on what is kept, `size_max` bytes of it at most. Returns as output_send(). */
ssize_t output_go_on(struct output *output, int fd, size_t size_max);

bool output_pending(const struct output *output);

void output_term(struct output *output);

#endif
