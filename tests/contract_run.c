#include "tests/contract_run.h"

#include "common/json.h"

int add_arguments(const struct twin *twin, const char *all[], const char *const arguments[])
{
    int count = 0;

    if (twin->client != NULL) {
        all[count++] = "--client";
        all[count++] = twin->client;
    }
    if (twin->option != NULL)
        all[count++] = twin->option;
    for (; *arguments != NULL; arguments++) {
        assert_true(count < ARGUMENTS_MAX - 6);
        all[count++] = *arguments;
    }
    all[count] = NULL;
    return count;
}

struct lane_run run_twin(const struct twin *twin, const char *url, const char *const arguments[])
{
    const char *all[ARGUMENTS_MAX];

    add_arguments(twin, all, arguments);
    return run_lane_at(twin_path(twin), url, all);
}

const char *at_once(const struct twin *twin, const char *concurrency)
{
    return twin->sequential ? "1" : concurrency;
}

void expect_all(const struct lane_run *run, const char *outcome, long count)
{
    char path[64];

    snprintf(path, sizeof(path), "outcomes.%s", outcome);
    expect_outcomes(run, path, count, count);
    assert_int_equal(run->finished.status, strcmp(outcome, "ok") == 0 ? 0 : 1);
    assert_int_equal(json_is_true(json_at(run->result, "valid")), strcmp(outcome, "ok") == 0);
}
