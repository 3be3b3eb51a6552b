#include "tests/contract_run.h"

#include "common/json.h"

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
