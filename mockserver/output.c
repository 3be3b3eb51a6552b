#include "mockserver/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* One send(). Returns 0 where the socket takes nothing now. */
static ssize_t try_send(int fd, const char *bytes, size_t size)
{
    ssize_t sent;

    do
        sent = send(fd, bytes, size, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    if (sent < 0)
        return errno == EAGAIN ? 0 : -errno;
    return sent;
}

ssize_t output_send(struct output *output, int fd, const char *bytes, size_t size)
{
    ssize_t sent = try_send(fd, bytes, size);
    int error = 0;

    if (sent >= 0 && (size_t)sent < size)
        error = output_keep(output, bytes + sent, size - (size_t)sent);
    return error < 0 ? error : sent;
}

int output_keep(struct output *output, const char *bytes, size_t size)
{
    output->kept = malloc(size);
    if (output->kept == NULL)
        return -ENOMEM;
    memcpy(output->kept, bytes, size);
    output->size = (uint32_t)size;
    output->sent = 0;
    return 0;
}

ssize_t output_go_on(struct output *output, int fd, size_t size_max)
{
    size_t left = output->size - output->sent;
    ssize_t sent = try_send(fd, output->kept + output->sent, left < size_max ? left : size_max);

    if (sent < 0)
        return sent;
    output->sent += (uint32_t)sent;
    if (output->sent == output->size)
        output_term(output);
    return sent;
}

bool output_pending(const struct output *output)
{
    return output->kept != NULL;
}

void output_term(struct output *output)
{
    free(output->kept);
    output->kept = NULL;
}
