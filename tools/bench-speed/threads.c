/* Raw threads: a thread for each request, which connects, sends, waits and ends. The limit for a
 * pool of as many threads as there are requests.
 *
 *     threads PORT REQUESTS
 *
 * Prints the wall time in ns. Exit status: 0; 1 where not all were answered with 200. */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/limit.h"
#include "tools/bench-speed/peer.h"

#define STACK_BYTES 65536

static struct peer peer;
static atomic_uint next_id, ok;

static void *run(void *unused)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char text[128];
    size_t size = peer_request(text, atomic_fetch_add(&next_id, 1));

    (void)unused;
    if (connect(fd, (const struct sockaddr *)&peer.server, sizeof(peer.server)) == 0 &&
        send(fd, text, size, MSG_NOSIGNAL) == (ssize_t)size && peer_read_ok(fd))
        atomic_fetch_add(&ok, 1);
    close(fd);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t *threads;
    pthread_attr_t attributes;
    uint32_t started = 0;
    uint64_t began_ns = clock_ns();

    peer = peer_arguments(argc, argv);
    threads = calloc(peer.requests, sizeof(*threads));
    limit_raise(RLIMIT_NOFILE);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    while (threads != NULL && started < peer.requests &&
           pthread_create(&threads[started], &attributes, run, NULL) == 0)
        started++;
    for (uint32_t i = 0; i < started; i++)
        pthread_join(threads[i], NULL);
    free(threads);
    return peer_end(&peer, atomic_load(&ok), began_ns);
}
