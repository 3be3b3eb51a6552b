/* Messages of errors: a function that fails says why, and its caller adds what it was about. */
#ifndef COMMON_ERROR_H
#define COMMON_ERROR_H

#include <stddef.h>

/* The message is a text that ends with NUL; empty as long as nothing was set. */
struct error {
    char text[512];
};

/* Writes the message, cut off where it is longer than `error` holds. Returns `code`, so that a
 * function that fails can end with it. */
int error_set(struct error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The bytes of the control character that the text at `at` begins with, 0 where it begins with
 * none: those of ASCII, those beyond it in UTF-8, and those that change the order of text. */
size_t error_control_length(const char *at);

/* Puts a blank for each byte of a control character in `text`, which a terminal would obey. */
void error_make_plain(char *text);

/* Prints "PROGRAM: MESSAGE" on stderr, made plain: names of files and lanes may hold anything. */
void error_print(const char *program, struct error *error);

#endif
