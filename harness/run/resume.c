#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/json.h"
#include "common/path.h"
#include "harness/plan/keys.h"
#include "harness/run/session.h"

static json_t *load_lines(const struct session *session, const char *name, struct error *error)
{
    char path[PATH_MAX];

    if (run_folder_mend(&session->folder, name, error) < 0)
        return NULL;
    run_folder_path(&session->folder, name, path);
    return access(path, F_OK) < 0 ? json_array() : json_lines_load(path, error->text);
}

/* What the command line of the first session changed. */
static void take_settings(struct session *session)
{
    const json_t *settings = json_object_get(session->document, "settings");
    double rounds = json_number_at(settings, "rounds", (double)session->plan.rounds);
    double most = json_number_at(settings, "rounds_max", rounds);
    double until = json_number_at(settings, "until", 0);
    double budget = json_number_at(settings, "budget_ns", 0);
    double runs = json_number_at(settings, "runs", 1);
    struct error ignored;

    plan_set_rounds(&session->plan,
                    rounds >= 1 && rounds <= PLAN_ROUNDS_MAX ? (uint64_t)rounds : 1);
    if (most >= rounds && most <= PLAN_ROUNDS_MAX)
        session->plan.rounds_max = (uint64_t)most;
    session->plan.runs = runs >= 1 && runs <= PLAN_RUNS_MAX ? (uint64_t)runs : 1;
    if (until >= 0 && until <= 1)
        session->plan.until = until;
    if (budget >= 0 && budget <= 1e18)
        session->plan.budget_ns = (uint64_t)budget;
    keys_parse(KEYS_SERVER, "url", json_text_at(settings, "server_url", ""), &session->plan,
               &ignored);
}

/* The last run that has a line. */
static void find_begun(struct session *session, const json_t *lines)
{
    json_t *line;
    size_t i;

    json_array_foreach((json_t *)lines, i, line)
    {
        double run = json_number_at(line, "run", 1);

        if (run > session->begun && run <= PLAN_RUNS_MAX)
            session->begun = (unsigned)run;
    }
}

/* Whether the plan is one of the suite, to be run as it is there, with the suite's lanes and at its
 * own server: those of any other plan may come from whoever made the folder. */
static bool take_installed_plan(struct session *session, const json_t *source)
{
    const char *name = json_text_at(source, "name", "/");
    json_t *installed = NULL;
    struct error ignored;
    bool same;

    if (strchr(name, '/') == NULL)
        installed =
            json_file_load(suite_plan(session->suite, name, session->plan_file), ignored.text);
    same = installed != NULL && json_equal(installed, source);
    json_decref(installed);
    return same;
}

/* Whether the plan names no program and no argument of its own. */
static bool is_plain(const struct plan *plan)
{
    bool plain = json_object_get(plan->source, "lanes") == NULL && plan->server_arguments == NULL &&
                 plan->request_options == NULL;

    for (size_t i = 0; i < plan->cell_count; i++)
        plain = plain && plan->cells[i].arguments == NULL;
    return plain;
}

/* Whole: nothing hides behind what is long, and nothing of it is obeyed by a terminal. */
static void show(const char *what, const char *name, const json_t *arguments)
{
    json_t *all = json_pack("[s, O*]", name, arguments);
    char *text = json_dumps(all, JSON_ENSURE_ASCII);

    fprintf(stderr, "bench: %s: %s\n", what, text != NULL ? text : "no text in UTF-8");
    free(text);
    json_decref(all);
}

/* Shows what another plan would run. */
static int refuse_plan(const struct session *session, struct error *error)
{
    const struct plan *plan = &session->plan;

    show("server", plan->server_url != NULL ? plan->server_url : "mockserver",
         plan->server_arguments);
    if (plan->request_options != NULL)
        show("requests", "with", plan->request_options);
    for (size_t i = 0; i < plan->lane_count; i++)
        if (plan_first_cell(plan, &plan->lanes[i]) != NULL)
            show("lane", plan->lanes[i].path, plan->lanes[i].arguments);
    for (size_t i = 0; i < plan->cell_count; i++)
        if (plan->cells[i].arguments != NULL)
            show("cell", plan->cells[i].id, plan->cells[i].arguments);
    return error_set(error, -EPERM,
                     "%s is of no plan of this suite, and would run or ask these; where you "
                     "trust it: bench resume --trust %.200s",
                     session->folder.id, session->folder.path);
}

/* The paths of lanes are relative to the plan's file, which is told from the folder of the suite or
 * from that of the run. */
static void find_plan_file(struct session *session)
{
    const char *file = json_text_at(session->document, "settings.plan_file", "./plan");

    if (file[0] == '/')
        snprintf(session->plan_file, sizeof(session->plan_file), "%s", file);
    else
        path_join(session->plan_file, file[0] == '.' ? session->folder.path : session->suite->root,
                  file);
}

static int take_plan(struct session *session, struct error *error)
{
    double seed = json_number_at(session->document, "seed", 0);
    json_t *source = json_deep_copy(json_object_get(session->document, "plan"));
    bool installed;
    int code;

    if (source == NULL || !(seed >= 1 && seed <= UINT32_MAX))
        return error_set(error, -EINVAL, "%s/run.json holds no plan with a seed",
                         session->folder.path);
    installed = take_installed_plan(session, source);
    if (!installed)
        find_plan_file(session);
    session->seed = (uint32_t)seed;
    code = plan_read(source, NULL, session->plan_file, session->suite->programs, &session->plan,
                     error);
    if (code == 0)
        take_settings(session);
    if (code == 0 && !session->options->trust &&
        (session->plan.server_url != NULL || !(installed || is_plain(&session->plan))))
        code = refuse_plan(session, error);
    return code;
}

int session_reopen(struct session *session, const char *path, struct error *error)
{
    char file[PATH_MAX];
    int code = run_folder_open(&session->folder, path, error);

    if (code < 0)
        return code;
    run_folder_path(&session->folder, "run.json", file);
    session->document = json_file_load(file, error->text);
    if (session->document == NULL)
        return -EINVAL;
    if (strcmp(json_text_at(session->document, "status", ""), "complete") == 0)
        return error_set(error, -EALREADY, "%s is complete: nothing is missing",
                         session->folder.id);
    if (json_is_true(json_at(session->document, "settings.hosts")))
        return error_set(error, -EINVAL,
                         "%s was made on several hosts, and cannot go on without them: begin anew",
                         session->folder.id);
    code = take_plan(session, error);
    if (code < 0)
        return code;
    session->samples = load_lines(session, "results.jsonl", error);
    if (session->samples != NULL)
        session->passes = load_lines(session, "memory.jsonl", error);
    find_begun(session, session->samples);
    find_begun(session, session->passes);
    return session->passes != NULL ? 0 : -EINVAL;
}

void session_skip_again(struct session *session)
{
    json_t *entry;
    size_t i;

    json_array_foreach(json_object_get(session->document, "skipped"), i, entry)
    {
        const struct cell *cell = plan_cell(&session->plan, json_text_at(entry, "id", ""));

        if (cell != NULL)
            session_skip(session, cell, json_text_at(entry, "reason", ""));
    }
}
