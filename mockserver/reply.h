/* What is answered, and its bytes. */
#ifndef MOCKSERVER_REPLY_H
#define MOCKSERVER_REPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mockserver/route.h"

#define STATUS_UPGRADED 101  /* what follows is no HTTP: a WebSocket */
#define REPLY_SIZE_MAX  1024 /* bytes of any reply whose body is made here */

struct reply {
    uint64_t id;
    const char *problem; /* static text of an error, or NULL */
    const char *allow;   /* of the Allow header, static, or NULL */
    uint16_t status;
    uint8_t endpoint; /* enum endpoint */
    uint8_t fault;    /* enum fault */
    bool keep_alive : 1;
    bool http_1_0 : 1;
    bool head : 1; /* leave the body out */
};

/* Whether a fault can be seen in this reply: one of the body takes a body. */
bool reply_can_carry(const struct reply *reply, enum fault fault);

/* Makes the reply that of a fault: its status, or the body of another id. */
void reply_damage(struct reply *reply, enum fault fault);

/* Writes the whole reply to `text` of REPLY_SIZE_MAX bytes, damaged or cut short as its fault asks.
 * Returns its size, and the size of its head in *head_size. */
size_t reply_write(const struct reply *reply, char *text, size_t *head_size);

/* Writes only the body, whole. Returns its size, which is below 126. */
size_t reply_write_body(const struct reply *reply, char *text);

/* Writes only the head of a reply whose body of `body_size` bytes of `type` follows. Returns the
 * size of the head. */
size_t reply_write_head(const struct reply *reply, const char *type, size_t body_size, char *text);

#endif
