/* hyperfine.json: the figures of a run for hyperfine's own scripts. */
#include <errno.h>
#include <stdlib.h>

#include "harness/plan/command.h"
#include "harness/plan/keys.h"
#include "harness/run/session.h"
#include "report/dataset/dataset.h"
#include "report/embedded.h"

/* Adds the command that one would type for a cell, and its parameters. */
static int add_command(struct dataset *dataset, const struct cell *cell, int number,
                       const char *server_url)
{
    json_t *all = json_pack("{s:s, s:s}", "cell", cell->id, "lane", cell->lane->name);
    struct command command;
    char *text = NULL, *parameters;
    int code;

    if (cell->work.kind == CELL_FILE)
        server_url = "DIR"; /* of --files */
    if (cell->work.kind == CELL_SQL)
        server_url = "postgresql://bench@/postgres?host=DIR&options=-c%20bench.delay%3D";
    if (cell_command(cell, server_url, NULL, &command) == 0)
        text = command_text(&command);
    command_free(&command);
    keys_describe(cell, "requests", "latency", all);
    parameters = json_dumps(all, 0);
    code = dataset_execute(dataset, "INSERT INTO commands VALUES (?, ?, ?, ?)", "isss", number,
                           cell->id, text, parameters);
    json_decref(all);
    free(parameters);
    free(text);
    return code;
}

int session_export(const struct session *session, struct error *error)
{
    const struct plan *plan = &session->plan;
    struct dataset dataset;
    char *text = NULL;
    json_t *export = NULL;
    int code = dataset_open(&dataset, error);

    if (code == 0)
        code = dataset_load(&dataset, session->folder.path, false, error);
    if (code == 0 && dataset_execute(&dataset,
                                     "CREATE TABLE commands (n, cell PRIMARY KEY, "
                                     "command, parameters)",
                                     "") < 0)
        code = error_set(error, -ENOMEM, "no memory for hyperfine.json");
    for (size_t i = 0; code == 0 && i < plan->cell_count; i++)
        if (!plan->cells[i].memory)
            code = add_command(&dataset, &plan->cells[i], (int)i, session->bench.server.url);
    if (code == 0 && (text = dataset_text(&dataset, embedded_hyperfine_sql)) != NULL)
        export = json_loads(text, 0, NULL);
    if (code == 0)
        code = export != NULL ? run_folder_write(&session->folder, "hyperfine.json", export, error)
                              : error_set(error, -ENOMEM, "no memory for hyperfine.json");
    json_decref(export);
    free(text);
    dataset_close(&dataset);
    return code;
}
