#include "tests/attack.h"

#include <stdio.h>
#include <stdlib.h>

/* In a part of a line: commands and plans hold anything. */
static void put_plain(const char *text, FILE *file)
{
    for (; *text != '\0'; text++)
        fputc(*text == '\t' || *text == '\n' ? ' ' : *text, file);
}

static void write_line(const char *what, const char *kind, const char *name, const char *on)
{
    const char *path = getenv("ATTACK_LOG");
    FILE *file = path != NULL ? fopen(path, "a") : NULL;

    if (file == NULL)
        return;
    fprintf(file, "%s\t%s\t", what, kind);
    put_plain(name, file);
    fputc('\t', file);
    put_plain(on, file);
    fputc('\n', file);
    fclose(file);
}

void attack_try(const char *kind, const char *name, const char *on)
{
    write_line("tried", kind, name, on);
}

void attack_held(const char *kind, const char *name, const char *on)
{
    write_line("held", kind, name, on);
}
