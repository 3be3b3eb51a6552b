/* Requests of the harness to the mock server: a few small ones between measurements, each on a
 * connection of its own that is closed at once, so that none is open while a lane runs. */
#ifndef HARNESS_PROCESS_HTTP_H
#define HARNESS_PROCESS_HTTP_H

#include <jansson.h>

/* GETs a JSON object. Returns a new reference, or NULL with the reason in `error` of ERROR_SIZE
 * bytes. Gives up after five seconds. */
json_t *http_get_json(const char *url, char *error);

/* POSTs nothing. Returns 0, or -EIO with the reason in `error`. */
int http_post(const char *url, char *error);

#endif
