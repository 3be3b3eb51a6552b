#include "common/text_stream.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_MIN 4096

/* fopencookie()'s: a number below `size` is an error, which stays with the file. */
static ssize_t write_piece(void *cookie, const char *piece, size_t size)
{
    struct text_stream *text = cookie;
    size_t room = text->room > 0 ? text->room : ROOM_MIN;
    char *larger = text->bytes;

    while (room <= text->size + size) /* with a NUL */
        room *= 2;
    if (room > text->room)
        larger = realloc(text->bytes, room);
    if (larger == NULL)
        return 0;
    memcpy(larger + text->size, piece, size);
    text->bytes = larger;
    text->room = room;
    text->size += size;
    text->bytes[text->size] = '\0';
    return (ssize_t)size;
}

void text_stream_begin(struct text_stream *text)
{
    *text = (struct text_stream){.file = NULL};
    write_piece(text, "", 0);
    if (text->bytes != NULL)
        text->file = fopencookie(text, "w", (cookie_io_functions_t){.write = write_piece});
}

int text_stream_end(struct text_stream *text, char **bytes, size_t *size)
{
    bool whole = text->file != NULL && fflush(text->file) == 0 && !ferror(text->file);

    if (text->file != NULL)
        fclose(text->file);
    if (!whole)
        free(text->bytes);
    *bytes = whole ? text->bytes : NULL;
    if (size != NULL)
        *size = text->size;
    return whole ? 0 : -ENOMEM;
}
