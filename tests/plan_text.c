#include "tests/plan_text.h"

#include "tests/attack.h"
#include "tests/helpers.h"

#include "common/file.h"
#include "common/error.h"

/* The file is named so that errors are the same everywhere. */
int load_plan(const char *text, struct plan *plan, struct error *error)
{
    char *folder = folder_make();
    char path[512];
    int code;

    snprintf(path, sizeof(path), "%s/plan.json", folder);
    assert_int_equal(file_replace(path, text, strlen(text)), 0);
    code = plan_load(path, "/programs", plan, error);
    folder_remove(folder);
    return code;
}

struct plan load_good(const char *text)
{
    struct plan plan;
    struct error error;

    if (load_plan(text, &plan, &error) < 0)
        fail_msg("%s", error.text);
    for (size_t i = 0; i < plan.cell_count; i++)
        plan.cells[i].plan = NULL; /* it is about to move; a test that asks for it sets it anew */
    return plan;
}

void assert_refused(const char *text, const char *reason)
{
    struct plan plan;
    struct error error;

    attack_try("plans", text, "");
    if (load_plan(text, &plan, &error) == 0)
        fail_msg("accepted: %s", text);
    if (strstr(error.text, "plan.json") == NULL || strstr(error.text, reason) == NULL)
        fail_msg("'%s' does not say '%s'", &error, reason);
    attack_held("plans", text, "");
}
