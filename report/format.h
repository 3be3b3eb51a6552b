/* Figures as text, each with its unit; what is not known (not finite) is written as a dash. And
 * Markdown from texts that nobody has checked: whatever a run folder holds, it comes out as the
 * text that it is, in GitHub's flavour and in HTML made from it. */
#ifndef REPORT_FORMAT_H
#define REPORT_FORMAT_H

#include <stddef.h>

#define FORMAT_UNKNOWN "–"
#define FORMAT_SIZE    48 /* bytes that each of these writes to `text` at most */

/* "276 ms", "20.06 s"; negative values with a minus sign. */
void format_duration(char *text, double ns);

/* "12.5 MB". */
void format_bytes(char *text, double bytes);

/* "1000", "10,000": whole, with separators from five digits on. */
void format_count(char *text, double count);

/* "+38 %": a signed share of one in percent, two significant digits below 10 %. */
void format_change(char *text, double share);

/* "98 %", "1.2 %": a share of one in percent. */
void format_share(char *text, double share);

/* "9.80", "0.0214": three significant digits, or fewer below 1. */
void format_ratio(char *text, double ratio);

/* "9.81", "1234": how many a second. */
void format_rate(char *text, double per_second);

/* Bytes of the UTF-8 `text` up to `limit`, never ending inside a character. */
size_t format_cut(const char *text, size_t limit);

/* What is written in place of a text. */
struct format_replacement {
    const char *text, *in_place;
    size_t length; /* of the text that is replaced; 0: all of it */
};

/* The first of `replacements`, which end with a NULL text, that fits at `at`; NULL: none. Sets how
 * many bytes it replaces. */
const char *format_replacement(const struct format_replacement *replacements, const char *at,
                               size_t *length);

#define FORMAT_MARKDOWN_MAX 400 /* bytes after which an untrusted text is cut off */

/* `text` so that nothing in it works where it is to stand: in Markdown, as HTML, or at the end of a
 * table's cell (cut off with an ellipsis after FORMAT_MARKDOWN_MAX bytes); in HTML; in a terminal;
 * in CSV that gnuplot reads and draws. Control characters become blanks. To be freed with
 * sqlite3_free(); NULL without memory. */
char *format_markdown(const char *text);
char *format_html(const char *text);
char *format_plain(const char *text);
char *format_plot_text(const char *text);

#endif
