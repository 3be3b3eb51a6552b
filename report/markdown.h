/* Markdown from texts that nobody has checked: whatever a run folder holds, it comes out as the
 * text that it is, in GitHub's flavour and in HTML made from it. */
#ifndef REPORT_MARKDOWN_H
#define REPORT_MARKDOWN_H

#define MARKDOWN_TEXT_MAX 400 /* bytes after which an untrusted text is cut off */

/* `text` so that nothing in it works as Markdown, HTML or an end of a table's cell; control
 * characters become spaces, texts beyond MARKDOWN_TEXT_MAX bytes are cut off with an ellipsis. To
 * be freed with sqlite3_free(); NULL without memory. */
char *markdown_text(const char *text);

#endif
