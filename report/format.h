/* Figures as text, each with its unit. What is not known (not finite) is written as a dash. */
#ifndef REPORT_FORMAT_H
#define REPORT_FORMAT_H

#include <stdio.h>

#define FORMAT_UNKNOWN "–"

/* "276 ms", "20.06 s"; negative values with a minus sign. */
void format_duration(FILE *out, double ns);

/* "12.5 MB". */
void format_bytes(FILE *out, double bytes);

/* "1000", "10,000": whole, with separators from five digits on. */
void format_count(FILE *out, double count);

/* "+38 %": a signed share of one in percent, two significant digits below 10 %. */
void format_change(FILE *out, double share);

/* "98 %", "1.2 %": a share of one in percent. */
void format_share(FILE *out, double share);

/* "9.80", "0.0214": three significant digits, or fewer below 1. */
void format_ratio(FILE *out, double ratio);

/* "9.81", "1234": how many a second. */
void format_rate(FILE *out, double per_second);

/* Writes `value` by `format` without the zeros behind its point: "1 s" in place of "1.00 s". */
void format_short(FILE *out, double value, void (*format)(FILE *, double));

/* Bytes of the UTF-8 `text` up to `limit`, never ending inside a character. */
size_t format_cut(const char *text, size_t limit);

#endif
