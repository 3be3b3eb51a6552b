/* Plans that tests write as text. */
#ifndef TESTS_PLAN_TEXT_H
#define TESTS_PLAN_TEXT_H

#include "harness/plan/plan.h"

#define HEAD "{\"schema\": \"bench.plan/1\", \"name\": \"t\", "

/* Loads a plan from text, with the suite's lanes in /programs. Returns as plan_load(). */
int load_plan(const char *text, struct plan *plan, struct error *error);

/* Likewise, and fails the test where the plan is refused. */
struct plan load_good(const char *text);

/* Fails the test where the plan is not refused with an error that names its file and says `reason`.
 */
void assert_refused(const char *text, const char *reason);

#endif
