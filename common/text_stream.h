/* A text that is written to as to a file. Of open_memstream() nobody learns that it has lost a part
 * for want of memory; here that is an error of the stream, as a full disk is one of a file. */
#ifndef COMMON_TEXT_STREAM_H
#define COMMON_TEXT_STREAM_H

#include <stddef.h>
#include <stdio.h>

struct text_stream {
    FILE *file; /* NULL: there is no memory for it; text_stream_end() says so */
    char *bytes;
    size_t size, room;
};

/* Begins a text. Must be ended, and stay where it is until then. */
void text_stream_begin(struct text_stream *text);

/* Ends it. Returns 0 with *bytes, to be freed, NUL-terminated, and their number in *size (where
 * that is not NULL); or -ENOMEM with NULL where any of it is lost. */
int text_stream_end(struct text_stream *text, char **bytes, size_t *size);

#endif
