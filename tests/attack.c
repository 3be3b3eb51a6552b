#include "tests/attack.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#define PART_MAX 400 /* so that a line is written at once: several tests write there */

/* In a part of a line: commands, plans and answers hold anything. */
static void put_plain(const char *text, FILE *file)
{
    for (size_t i = 0; i < PART_MAX && text[i] != '\0'; i++) {
        if (isspace((unsigned char)text[i]))
            fputc(' ', file);
        else if (isprint((unsigned char)text[i]))
            fputc(text[i], file);
        else
            fprintf(file, "\\x%02x", (unsigned char)text[i]);
    }
}

bool attack_runs(void)
{
    return getenv("ATTACK_LOG") != NULL;
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
