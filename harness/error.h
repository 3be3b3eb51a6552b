/* Messages of errors: a function that fails says why, and the caller adds what it was about. */
#ifndef HARNESS_ERROR_H
#define HARNESS_ERROR_H

#define ERROR_SIZE 1024 /* bytes of every `error` buffer of the harness */

/* Writes the message to `error` of ERROR_SIZE bytes, cut off where it is longer. Returns `code`, so
 * that a failing function can end with it. */
int error_set(char *error, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
