#include "report/embedded.h"

/* The assembler reads the files from the root of the sources, where the compiler runs. */
#define EMBED(name, path)                                                                          \
    __asm__(".section .rodata\n"                                                                   \
            ".global " name "\n"                                                                   \
            ".type " name ", %object\n" name ":\n"                                                 \
            ".incbin \"" path "\"\n"                                                               \
            ".byte 0\n"                                                                            \
            ".size " name ", . - " name "\n"                                                       \
            ".previous\n")
#define EMBED_PART(name) EMBED("embedded_" #name "_md", "report/" #name ".md.in");
#define EMBED_NOTE(name) EMBED("embedded_" #name "_md", "report/notes/" #name ".md");

EMBEDDED_PARTS(EMBED_PART)
EMBEDDED_NOTES(EMBED_NOTE)
EMBED("embedded_claims_json", "report/claims.json");
EMBED("embedded_commands_json", "harness/commands.json");
EMBED("embedded_compare_cells_txt", "report/compare-cells.txt.in");
EMBED("embedded_plan_schema", "schemas/plan.json");
EMBED("embedded_compare_txt", "report/compare.txt.in");
EMBED("embedded_doctor_json", "harness/machine/doctor.json");
EMBED("embedded_doctor_sql", "harness/machine/doctor.sql");
EMBED("embedded_doctor_txt", "report/doctor.txt.in");
EMBED("embedded_environment_json", "harness/machine/environment.json");
EMBED("embedded_hyperfine_sql", "harness/run/hyperfine.sql");
EMBED("embedded_list_txt", "report/list.txt.in");
EMBED("embedded_observation_sql", "harness/run/observation.sql");
EMBED("embedded_rounds_sql", "harness/run/rounds.sql");
EMBED("embedded_show_txt", "report/show.txt.in");
EMBED("embedded_page_html", "report/page.html.in");
EMBED("embedded_style_css", "report/style.css");
EMBED("embedded_texts_sql", "report/texts.sql");
EMBED("embedded_views_sql", "report/views.sql");
EMBED("embedded_words_json", "report/words.json");

EMBED("embedded_plots_sql", "report/plots/plots.sql");
EMBED("embedded_plots_json", "report/plots/plots.json");
EMBED("embedded_common_gp", "report/plots/common.gp");
EMBED("embedded_rows_gp", "report/plots/rows.gp");
EMBED("embedded_curves_gp", "report/plots/curves.gp");
EMBED("embedded_timelines_gp", "report/plots/timelines.gp");
