#include "tests/attack.h"

#include <stdio.h>
#include <stdlib.h>

static void write_line(const char *what, const char *kind, const char *name, const char *on)
{
    const char *path = getenv("ATTACK_LOG");
    FILE *file = path != NULL ? fopen(path, "a") : NULL;

    if (file == NULL)
        return;
    fprintf(file, "%s\t%s\t", what, kind);
    for (; *name != '\0'; name++) /* texts of files, which may hold anything */
        fputc(*name == '\t' || *name == '\n' ? ' ' : *name, file);
    fprintf(file, "\t%s\n", on);
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
