/* What the two peers share: the least that a client of the mock server can do. No verification but
 * that of the status, no records, no options. */
#ifndef BENCH_SPEED_PEER_H
#define BENCH_SPEED_PEER_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/clock.h"

struct peer {
    struct sockaddr_in server;
    uint32_t requests;
};

/* Reads "PORT REQUESTS"; ends the program with 2 where that is not what was given. */
static inline struct peer peer_arguments(int argc, char **argv)
{
    struct peer peer = {.server = {.sin_family = AF_INET}};
    unsigned port = argc == 3 ? (unsigned)atoi(argv[1]) : 0;

    peer.requests = argc == 3 ? (uint32_t)atoi(argv[2]) : 0;
    if (port == 0 || port > UINT16_MAX || peer.requests == 0) {
        fprintf(stderr, "usage: %s PORT REQUESTS\n", argv[0]);
        exit(2);
    }
    peer.server.sin_port = htons((uint16_t)port);
    peer.server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return peer;
}

/* Writes the request for user `id` to `text` of 128 bytes. Returns its size. */
static inline size_t peer_request(char *text, uint32_t id)
{
    return (size_t)snprintf(
        text, 128, "GET /users/%u HTTP/1.1\r\nHost: mock\r\nConnection: close\r\n\r\n", id);
}

/* Reads an answer. Returns whether it is 200. */
static inline bool peer_read_ok(int fd)
{
    static const char wanted[] = "HTTP/1.1 200";
    char reply[1024];
    ssize_t size = recv(fd, reply, sizeof(reply), 0);

    return size >= (ssize_t)strlen(wanted) && memcmp(reply, wanted, strlen(wanted)) == 0;
}

/* Prints the wall time in ns since `began_ns`. Returns the exit status: 0 where all are `ok`. */
static inline int peer_end(const struct peer *peer, uint32_t ok, uint64_t began_ns)
{
    printf("%llu\n", (unsigned long long)(clock_ns() - began_ns));
    if (ok == peer->requests)
        return 0;
    fprintf(stderr, "%u of %u answered\n", ok, peer->requests);
    return 1;
}

#endif
