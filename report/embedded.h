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

/* All others: what a program calls each, and where it stands. */
#define EMBEDDED_FILES(file)                                                                       \
    file(claims_json, "report/claims.json") file(common_gp, "report/plots/common.gp")              \
        file(compare_cells_txt, "report/compare-cells.txt.in") file(                               \
            compare_txt, "report/compare.txt.in") file(curves_gp, "report/plots/curves.gp")        \
            file(doctor_json, "harness/machine/doctor.json") file(                                 \
                doctor_sql, "harness/machine/doctor.sql") file(doctor_txt, "report/doctor.txt.in") \
                file(hyperfine_sql, "harness/run/hyperfine.sql")                                   \
                    file(list_txt, "report/list.txt.in") file(page_html, "report/page.html.in")    \
                        file(plan_schema, "schemas/plan.json")                                     \
                            file(plots_json, "report/plots/plots.json")                            \
                                file(plots_sql, "report/plots/plots.sql")                          \
                                    file(rounds_sql, "harness/run/rounds.sql")                     \
                                        file(rows_gp, "report/plots/rows.gp")                      \
                                            file(show_txt, "report/show.txt.in")                   \
                                                file(style_css, "report/style.css")                \
                                                    file(texts_sql, "report/texts.sql") file(      \
                                                        timelines_gp, "report/plots/timelines.gp") \
                                                        file(views_sql, "report/views.sql")        \
                                                            file(words_json, "report/words.json")

#define EMBEDDED(name, ...) extern const char embedded_##name[];
#define EMBEDDED_TEXT(name) EMBEDDED(name##_md)
EMBEDDED_PARTS(EMBEDDED_TEXT)
EMBEDDED_NOTES(EMBEDDED_TEXT)
EMBEDDED_FILES(EMBEDDED)
#undef EMBEDDED_TEXT
#undef EMBEDDED

#endif
