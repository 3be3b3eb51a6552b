/* What a connection answers, and when: from a request that is here whole, over its delay and its
 * faults, to the last byte of the reply. Knows nothing of epoll or of reading; each function
 * returns what the connection has to do next. */
#ifndef MOCKSERVER_ANSWER_H
#define MOCKSERVER_ANSWER_H

#include <stdint.h>

#include "mockserver/connection.h"

/* connection->request is complete: answers it at once, or lets it wait. */
enum step answer_begin(struct connection *connection);

/* The time of the request in flight has come; its timer is in no queue. */
enum step answer_due(struct connection *connection);

/* The socket takes more of the reply (state SENDING). */
enum step answer_rest(struct connection *connection);

/* Answers a malformed request with `status`, and takes no other from this client. */
enum step answer_refusal(struct connection *connection, uint16_t status);

#endif
