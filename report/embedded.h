/* Files that are built into the program, so that it works from any folder. NUL-terminated. */
#ifndef REPORT_EMBEDDED_H
#define REPORT_EMBEDDED_H

/* The parts of the texts: NAME.md.in each. */
#define EMBEDDED_PARTS(part)                                                                       \
    part(report) part(answer) part(walls) part(claims) part(twins) part(wall) part(requests)       \
        part(memory) part(tasks) part(curves) part(computing) part(item) part(crossing)            \
            part(mixed) part(patterns) part(method) part(environment) part(problems)

/* Those without a figure: notes/NAME.md each. */
#define EMBEDDED_NOTES(note)                                                                       \
    note(reading) note(twins_compared) note(pss) note(two_methods) note(memory_slope)              \
        note(task_slope) note(sleeping) note(speed_up) note(heartbeat)

#define EMBEDDED_PART(name) extern const char embedded_##name##_md[];
EMBEDDED_PARTS(EMBEDDED_PART)
EMBEDDED_NOTES(EMBEDDED_PART)
#undef EMBEDDED_PART

extern const char embedded_claims_json[];
extern const char embedded_commands_json[];
extern const char embedded_compare_cells_txt[];
extern const char embedded_compare_txt[];
extern const char embedded_plan_schema[];
extern const char embedded_doctor_json[];
extern const char embedded_doctor_sql[];
extern const char embedded_doctor_txt[];
extern const char embedded_environment_json[];
extern const char embedded_hyperfine_sql[];
extern const char embedded_list_txt[];
extern const char embedded_observation_sql[];
extern const char embedded_rounds_sql[];
extern const char embedded_show_txt[];
extern const char embedded_page_html[];
extern const char embedded_style_css[];
extern const char embedded_texts_sql[];
extern const char embedded_views_sql[];
extern const char embedded_words_json[];

/* The plots: which there are, what each is drawn from, and gnuplot's scripts. */
extern const char embedded_plots_json[], embedded_plots_sql[], embedded_common_gp[],
    embedded_rows_gp[], embedded_curves_gp[], embedded_timelines_gp[];

#endif
