/* Files that are built into the program, so that it works from any folder. NUL-terminated. */
#ifndef REPORT_EMBEDDED_H
#define REPORT_EMBEDDED_H

/* The parts of the texts: NAME.md.in each. */
#define EMBEDDED_PARTS(part)                                                                       \
    part(report) part(answer) part(walls) part(claims) part(twins) part(wall) part(requests)       \
        part(rate) part(memory) part(clients) part(tasks) part(curves) part(computing) part(item)  \
            part(crossing) part(mixed) part(patterns) part(method) part(environment)               \
                part(problems) part(machines)

/* Those without a figure: notes/NAME.md each. */
#define EMBEDDED_NOTES(note)                                                                       \
    note(criteria) note(reading) note(twins_compared) note(memory_counted) note(two_methods)       \
        note(memory_slope) note(task_slope) note(sleeping) note(speed_up) note(heartbeat)          \
            note(keeping_up) note(client)

/* Those for the terminal: NAME.txt.in each. */
#define EMBEDDED_TEXTS(text)                                                                       \
    text(show) text(show_cells) text(show_memory) text(show_remarks) text(verdict) text(list)      \
        text(doctor) text(compare) text(compare_rows) text(compare_cells) text(compare_junit)      \
            text(compare_github) text(compare_cells_rows) text(history) text(history_rows)

/* The scripts of gnuplot: plots/NAME.gp each. */
#define EMBEDDED_PLOTS(plot) plot(common) plot(rows) plot(curves) plot(timelines)

/* All others: what a program calls each, and where it stands. */
/* clang-format off */
#define EMBEDDED_FILES(file) \
    file(answers_sql, "report/answers.sql") \
    file(claims_json, "report/claims.json") \
    file(claims_sql, "report/claims.sql") \
    file(command_json, "report/command.json") \
    file(commands_json, "harness/commands.json") \
    file(doctor_json, "harness/machine/doctor.json") \
    file(doctor_sql, "harness/machine/doctor.sql") \
    file(environment_json, "harness/machine/environment.json") \
    file(history_sql, "harness/history.sql") \
    file(hyperfine_sql, "harness/run/hyperfine.sql") \
    file(observation_sql, "harness/run/observation.sql") \
    file(page_html, "report/page.html.in") \
    file(page_js, "report/page.js") \
    file(plan_schema, "schemas/plan.json") \
    file(plots_json, "report/plots/plots.json") \
    file(plots_sql, "report/plots/plots.sql") \
    file(queries_json, "harness/queries.json") \
    file(rounds_sql, "harness/run/rounds.sql") \
    file(style_css, "report/style.css") \
    file(teach_json, "teach/command.json") \
    file(texts_sql, "report/texts.sql") \
    file(verdicts_sql, "report/verdicts.sql") \
    file(views_sql, "report/views.sql") \
    file(words_json, "report/words.json")
/* clang-format on */

#define EMBEDDED(name, ...)     extern const char embedded_##name[];
#define EMBEDDED_MARKDOWN(name) EMBEDDED(name##_md)
#define EMBEDDED_TERMINAL(name) EMBEDDED(name##_txt)
#define EMBEDDED_SCRIPT(name)   EMBEDDED(name##_gp)
EMBEDDED_PARTS(EMBEDDED_MARKDOWN)
EMBEDDED_NOTES(EMBEDDED_MARKDOWN)
EMBEDDED_TEXTS(EMBEDDED_TERMINAL)
EMBEDDED_PLOTS(EMBEDDED_SCRIPT)
EMBEDDED_FILES(EMBEDDED)

#endif
