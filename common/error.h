/* What went wrong, in words: the cause and the remedy, for who runs the program. */
#ifndef COMMON_ERROR_H
#define COMMON_ERROR_H

struct error {
    char text[512];
};

/* Writes the text, as printf; what is too long is cut. Returns `code`, so that a caller can end
 * with `return error_set(error, -EINVAL, …)`. */
int error_set(struct error *error, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
