/* Files that are built into the program, so that it works from any folder. NUL-terminated. */
#ifndef REPORT_EMBEDDED_H
#define REPORT_EMBEDDED_H

extern const char embedded_claims_json[];
extern const char embedded_columns_md[];
extern const char embedded_compare_cells_txt[];
extern const char embedded_compare_txt[];
extern const char embedded_list_txt[];
extern const char embedded_report_md[];
extern const char embedded_show_txt[];
extern const char embedded_style_css[];
extern const char embedded_views_sql[];

#endif
