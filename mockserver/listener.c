#include "mockserver/listener.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG   65535 /* the kernel cuts it down to net.core.somaxconn */
#define HOST_SIZE 64

/* A socket address of either family. */
struct name {
    struct sockaddr_storage storage;
    socklen_t size;
};

static int fail(struct error *error, int code, const char *address)
{
    const char *remedy = "free what is exhausted, and try again";

    if (code == EINVAL)
        return error_set(
            error, -code,
            "'%.100s' is not an address to listen on; give a numeric one and a port, such as "
            "127.0.0.1:8080 or 127.0.0.1-8:8080",
            address);
    if (code == EADDRINUSE)
        remedy = "end the program that uses it, or take another port";
    else if (code == EACCES)
        remedy = "take a port from 1024 on";
    else if (code == EADDRNOTAVAIL)
        remedy = "take an address of this machine, such as 127.0.0.1";
    else if (code == EMFILE)
        remedy = "raise the limit of descriptors (ulimit -n), or listen on fewer addresses";
    return error_set(error, -code, "cannot listen on %.100s: %s; %s", address, strerror(code),
                     remedy);
}

const char *listener_url(int fd, char *url)
{
    struct name name = {.size = sizeof(name.storage)};
    char host[HOST_SIZE] = "?", port[8] = "?";

    getsockname(fd, (struct sockaddr *)&name.storage, &name.size);
    getnameinfo((struct sockaddr *)&name.storage, name.size, host, sizeof(host), port, sizeof(port),
                NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(url, LISTENER_URL_SIZE,
             name.storage.ss_family == AF_INET6 ? "http://[%s]:%s" : "http://%s:%s", host, port);
    return url;
}

/* An address of IPv4 may come as one of IPv6. */
bool listener_is_public(int fd)
{
    struct name name = {.size = sizeof(name.storage)};
    const struct in6_addr *six = &((const struct sockaddr_in6 *)&name.storage)->sin6_addr;
    const struct in_addr *four = &((const struct sockaddr_in *)&name.storage)->sin_addr;
    uint32_t number;

    getsockname(fd, (struct sockaddr *)&name.storage, &name.size);
    if (name.storage.ss_family == AF_INET6 && !IN6_IS_ADDR_V4MAPPED(six))
        return !IN6_IS_ADDR_LOOPBACK(six);
    memcpy(&number, name.storage.ss_family == AF_INET6 ? (const void *)&six->s6_addr[12] : four,
           sizeof(number));
    return ntohl(number) >> 24 != IN_LOOPBACKNET;
}

void listeners_close(struct listeners *listeners)
{
    while (listeners->count > 0)
        close(listeners->fds[--listeners->count]);
}

/* Opens one listener. Returns it or a negative errno. */
static int open_one(const struct name *name, bool shared)
{
    int on = 1, error;
    int fd = socket(name->storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return -errno;
    /* Nothing is to be paced: bbr would set a timer for each reply. Where reno is not allowed, that
     * of the machine does. */
    setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", strlen("reno"));
    /* The sockets accepted from it inherit TCP_NODELAY: one system call less for each. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
        (!shared || setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) == 0) &&
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0 &&
        bind(fd, (const struct sockaddr *)&name->storage, name->size) == 0 &&
        listen(fd, BACKLOG) == 0)
        return fd;
    error = errno;
    close(fd);
    return -error;
}

/* Opens a listener whose port other listeners will share. A socket that does not want to share is
 * tried first: another program on that port must be noticed, not joined. */
static int open_shared(struct name *name)
{
    int fd = open_one(name, false);

    if (fd < 0)
        return fd;
    name->size = sizeof(name->storage);
    getsockname(fd, (struct sockaddr *)&name->storage, &name->size);
    close(fd);
    return open_one(name, true);
}

static int add(struct listeners *listeners, int fd)
{
    if (fd < 0)
        return fd;
    if (listeners->count == LISTENERS_MAX) {
        close(fd);
        return -ENOBUFS;
    }
    listeners->fds[listeners->count++] = fd;
    return 0;
}

/* Reads a decimal number from *text on, up to `max`, and moves *text behind it. Returns it, or
 * -EINVAL. */
static long read_number(const char **text, long max)
{
    size_t digits = strspn(*text, "0123456789");
    long number = strtol(*text, NULL, 10);

    if (digits == 0 || digits > 5 || number > max)
        return -EINVAL;
    *text += digits;
    return number;
}

/* An address, cut up: "127.0.0." 1 … 8, port 8080. Without a range, all of it is `host`. */
struct address_range {
    char host[HOST_SIZE];
    long first, last; /* -1: no range */
    long port;
};

static int parse_range(const char *address, struct address_range *range)
{
    const char *colon = strrchr(address, ':'), *text = colon != NULL ? colon + 1 : "";
    bool brackets = address[0] == '[' && colon != NULL && colon > address && colon[-1] == ']';
    int size = colon != NULL ? (int)(colon - address) - 2 * brackets : 0;
    char *dash, *dot;

    range->port = read_number(&text, UINT16_MAX);
    if (size <= 0 || size >= HOST_SIZE || range->port < 0 || *text != '\0')
        return -EINVAL;
    snprintf(range->host, HOST_SIZE, "%.*s", size, address + brackets);
    range->first = range->last = -1;
    dash = strchr(range->host, '-');
    dot = strrchr(range->host, '.');
    if (dash == NULL)
        return 0;
    if (dot == NULL || dot > dash)
        return -EINVAL;
    text = dot + 1;
    range->first = read_number(&text, 255);
    if (range->first < 0 || text != dash)
        return -EINVAL;
    text = dash + 1;
    range->last = read_number(&text, 255);
    dot[1] = '\0';
    return *text == '\0' && range->first <= range->last ? 0 : -EINVAL;
}

static int resolve(const char *host, long port, struct name *name)
{
    const struct addrinfo hints = {
        .ai_socktype = SOCK_STREAM,
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
    };
    struct addrinfo *found;
    char service[8];
    int code;

    snprintf(service, sizeof(service), "%u", (unsigned)port & UINT16_MAX);
    code = getaddrinfo(host, service, &hints, &found);
    if (code != 0)
        return code == EAI_MEMORY ? -ENOMEM : -EINVAL;
    memcpy(&name->storage, found->ai_addr, found->ai_addrlen);
    name->size = found->ai_addrlen;
    freeaddrinfo(found);
    return 0;
}

/* Adds one listener, and sets *port to the port it has, which stands in the same place for both
 * families. */
static int open_address(struct listeners *listeners, const char *host, long *port, bool shared)
{
    struct name name;
    int error = resolve(host, *port, &name), fd;

    if (error < 0)
        return error;
    fd = shared ? open_shared(&name) : open_one(&name, false);
    error = add(listeners, fd);
    if (error < 0)
        return error;
    name.size = sizeof(name.storage);
    getsockname(fd, (struct sockaddr *)&name.storage, &name.size);
    *port = ntohs(((const struct sockaddr_in *)&name.storage)->sin_port);
    return 0;
}

int listeners_open(struct listeners *listeners, const char *address, bool shared,
                   struct error *error)
{
    struct address_range range;
    int result = parse_range(address, &range);

    for (long i = range.first; result == 0 && i <= range.last; i++) {
        char host[HOST_SIZE + 24];

        snprintf(host, sizeof(host), "%s", range.host);
        if (i >= 0)
            snprintf(host, sizeof(host), "%s%ld", range.host, i);
        result = open_address(listeners, host, &range.port, shared);
    }
    return result < 0 ? fail(error, -result, address) : 0;
}

int listeners_twin(const struct listeners *listeners, struct listeners *twin, struct error *error)
{
    int result = 0;

    twin->count = 0;
    for (size_t i = 0; i < listeners->count && result == 0; i++) {
        struct name name = {.size = sizeof(name.storage)};
        char url[LISTENER_URL_SIZE];

        getsockname(listeners->fds[i], (struct sockaddr *)&name.storage, &name.size);
        result = add(twin, open_one(&name, true));
        if (result < 0)
            fail(error, -result, listener_url(listeners->fds[i], url));
    }
    if (result < 0)
        listeners_close(twin);
    return result;
}
