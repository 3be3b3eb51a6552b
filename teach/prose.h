/* Prose for the terminal: paragraphs as wide as it is, and marks of Markdown left out. */
#ifndef TEACH_PROSE_H
#define TEACH_PROSE_H

#include <stdbool.h>
#include <stdio.h>

struct prose_style {
    int columns; /* a line at most */
    bool bold;   /* headings, and what stands between ** */
    bool brief;  /* for a beamer */
};

/* How prose is shown on stdout: on a beamer (`project`) in short lines and few words. */
struct prose_style prose_style(bool project);

/* Writes Markdown: what is fenced, indented by four blanks, or a table stays in its lines, without
 * the fences. What is brief has of each "## " part the first paragraph alone. */
void prose_write(FILE *out, const struct prose_style *style, const char *markdown);

#endif
