/* Markdown from texts that nobody has checked: whatever a run folder holds, it comes out as the
 * text that it is, in GitHub's flavour and in HTML made from it. */
#ifndef REPORT_MARKDOWN_H
#define REPORT_MARKDOWN_H

#include <stdio.h>

#define MARKDOWN_TEXT_MAX 400 /* bytes after which an untrusted text is cut off */

/* Writes `text` so that nothing in it works as Markdown, HTML or an end of a table's cell; control
 * characters become spaces, texts beyond MARKDOWN_TEXT_MAX bytes are cut off with an ellipsis.
 * NULL is written as a dash. */
void markdown_text(FILE *out, const char *text);

/* Writes a table's head: column names between bars, then the line of alignments. Names that end
 * with ">" are aligned to the right (the sign is left out). `count` names. */
void markdown_table_head(FILE *out, const char *const names[], size_t count);

#endif
