/* Files that are built into the program, so that it works from any folder: the claims and the style
 * sheet of the HTML page. NUL-terminated. */
#ifndef REPORT_EMBEDDED_H
#define REPORT_EMBEDDED_H

extern const char embedded_claims_json[];
extern const char embedded_style_css[];

#endif
