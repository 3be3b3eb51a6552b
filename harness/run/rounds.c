#include "harness/run/rounds.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "common/json.h"
#include "report/embedded.h"

#define SWITCHES_FACTOR 4

int rounds_init(struct rounds *rounds, const struct plan *plan)
{
    struct error error;
    int code = dataset_open(&rounds->executions, &error);

    rounds->until = plan->until;
    if (code == 0 &&
        sqlite3_exec(rounds->executions.db, embedded_rounds_sql, NULL, NULL, NULL) != SQLITE_OK)
        code = -ENOMEM;
    return code;
}

void rounds_free(struct rounds *rounds)
{
    dataset_close(&rounds->executions);
}

int rounds_add(struct rounds *rounds, const struct cell *cell, const json_t *sample)
{
    double wall = json_number_at(sample, "wall_ns", -1);

    return dataset_execute(&rounds->executions, "INSERT INTO timed VALUES (?, ?, ?, ?, ?, ?)",
                           "isiddd", (int)json_number_at(sample, "run", 1), cell->id,
                           json_is_true(json_object_get(sample, "valid")) && wall > 0, wall,
                           json_number_at(sample, "user_ns", 0) +
                               json_number_at(sample, "system_ns", 0),
                           json_number_at(sample, "involuntary_switches", 0));
}

/* The number that the query says of the cell in the run that goes on, or `otherwise`. */
static double ask(struct rounds *rounds, const char *query, const struct cell *cell,
                  double otherwise)
{
    char *sql = sqlite3_mprintf("SELECT %s FROM timed_cells WHERE cell = %Q ORDER BY run DESC",
                                query, cell->id);
    double value = dataset_number(&rounds->executions, sql, otherwise);

    sqlite3_free(sql);
    return value;
}

json_t *rounds_judge_switches(struct rounds *rounds, const struct cell *cell, const json_t *figures)
{
    double switches = json_number_at(figures, "involuntary_switches", 0);
    double usual = ask(rounds, "CASE WHEN counted >= 3 THEN median(switches) END", cell, INFINITY);

    if (switches <= SWITCHES_FACTOR * usual + (double)cell->requests)
        return NULL;
    return json_sprintf("The processor was taken from it %.0f times; in the rounds before it was "
                        "%.0f times (median)",
                        switches, usual);
}

bool rounds_want(struct rounds *rounds, const struct cell *cell)
{
    static const char half_width[] =
        "CASE WHEN 2 * counted < executions THEN 0 ELSE coalesce("
        "max(high(wall) - median(wall), median(wall) - low(wall)) / median(wall), 9e999) END";

    return !cell->memory && !cell->capped && rounds->until > 0 &&
           ask(rounds, half_width, cell, INFINITY) > rounds->until;
}

json_t *rounds_noise(struct rounds *rounds, const struct cell *cell)
{
    char *sql = sqlite3_mprintf("SELECT json_group_array(sentence) FROM (SELECT "
                                "iif(run > 1, printf('Run %%d: ', run), '') || sentence sentence "
                                "FROM timed_noise WHERE cell = %Q ORDER BY run, n)",
                                cell->id);
    char *text = dataset_text(&rounds->executions, sql);
    json_t *sentences = text != NULL ? json_loads(text, 0, NULL) : NULL;

    free(text);
    sqlite3_free(sql);
    return sentences;
}
