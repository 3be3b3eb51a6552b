/* Why something failed, in words: a function that fails says why, and its caller adds what it was
 * about. */
#ifndef COMMON_ERROR_H
#define COMMON_ERROR_H

struct error {
    char text[512];
};

/* Writes the message, cut off where it is longer than there is room. Returns `code`, so that a
 * failing function can end with it. */
int error_set(struct error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
