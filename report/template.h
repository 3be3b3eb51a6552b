/* Text with figures: a template is the text as it is to be, with queries on the dataset where the
 * figures stand. Between {{ and }}:
 *
 *   SELECT … or WITH …    the first column of each row, one after the other
 *   table QUERY           the rows as a table (table.h)
 *   if QUERY … {{else}} … {{end}}   the one text or the other: whether the first column of the
 *                         first row is there and neither 0 nor empty
 *   each QUERY … {{end}}  the text once for each row; {{name}} in it is the column of that name,
 *                         and :name in an inner query stands for its value
 *   include NAME          another template, by its name in `parts`
 *   call NAME             whatever the program writes there, by `call`
 *   # …                   a comment
 *
 * An included part knows the rows around it; in the midst of a line its last line feed is left out.
 * A line that holds nothing but one of if, else, end, each, include, call and # leaves no line
 * behind. What a query gives is written as it is: texts from a run go through md() or html(). */
#ifndef REPORT_TEMPLATE_H
#define REPORT_TEMPLATE_H

#include <stddef.h>
#include <stdio.h>

#include "common/error.h"
#include "report/table.h"

struct template_part {
    const char *name;
    const char *text;
};

struct template
{
    struct dataset *dataset;
    const struct template_part *parts; /* what can be included, ending with a NULL name */
    enum table_style style;            /* of its tables */
    /* Writes what `{{call NAME}}` stands for. Returns 0, or a negative errno: there is no such
     * name. */
    int (*call)(void *user, const char *name, FILE *out);
    /* Writes what is to stand behind the table that a query gave; may be NULL. */
    void (*asked)(void *user, const char *sql, FILE *out);
    void *user;
};

/* Writes the part called `name`. Returns 0; or -EINVAL with the part, the line and the reason in
 * *error where the template is wrong, or -ENOMEM. */
int template_write(FILE *out, const struct template *template, const char *name,
                   struct error *error);

#endif
