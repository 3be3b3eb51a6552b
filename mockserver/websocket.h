/* A connection that has become a WebSocket (RFC 6455), whose frames are wslay's affair.
 *
 * The client gets its message, the body of its id, when its time has come: until then it is in
 * flight. It sends the same text back, and the server closes with 1000; with 1008 where it is
 * another. What the client says before it has its message is sent back as it is. */
#ifndef MOCKSERVER_WEBSOCKET_H
#define MOCKSERVER_WEBSOCKET_H

#include "mockserver/connection.h"

/* Accepts the upgrade that connection->request asks for. Returns STEP_WAIT, or STEP_CLOSE. */
enum step websocket_open(struct connection *connection);

/* The socket holds input or takes output. Returns what the connection has to do next. */
enum step websocket_go_on(struct connection *connection);

/* Sends the message, damaged as the reply's fault asks; it is in flight no more. */
enum step websocket_send(struct connection *connection);

/* Sends a line of the chat to a client that still waits. */
enum step websocket_chat(struct connection *connection);

/* Whether it waits for the socket to take more. */
bool websocket_pending(const struct connection *connection);

/* NULL is allowed. */
void websocket_free(struct wslay_event_context *frames);

#endif
