/* Files that are built into the program, so that it works from any folder. NUL-terminated. */
#ifndef REPORT_EMBEDDED_H
#define REPORT_EMBEDDED_H

extern const char embedded_claims_json[];
extern const char embedded_report_md[];
extern const char embedded_style_css[];
extern const char embedded_views_sql[];

/* The plots: what each is drawn from, and the parts of gnuplot's scripts. */
extern const char embedded_plots_sql[], embedded_common_gp[], embedded_rows_gp[],
    embedded_curves_gp[], embedded_timelines_gp[], embedded_wall_gp[], embedded_memory_gp[],
    embedded_memory_concurrency_gp[], embedded_memory_time_gp[], embedded_concurrency_gp[],
    embedded_sweep_gp[], embedded_in_flight_gp[], embedded_requests_gp[], embedded_tasks_gp[],
    embedded_task_bytes_gp[], embedded_twins_gp[], embedded_twins_memory_gp[],
    embedded_speed_up_gp[], embedded_mixed_gp[], embedded_patterns_gp[];

#endif
