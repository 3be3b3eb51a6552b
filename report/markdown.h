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
#endif
