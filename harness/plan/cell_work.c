#include "harness/plan/cell_work.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/units.h"
#include "harness/plan/cell.h"

static const char *const names[] = {"io", "cpu", "mixed", "sleep"};

bool cell_work_parse(const char *text, enum cell_work_kind *kind)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(text, names[i]) == 0) {
            *kind = (enum cell_work_kind)i;
            return true;
        }
    return false;
}

const char *cell_work_name(enum cell_work_kind kind)
{
    return names[kind];
}

bool cell_work_requests(const struct cell_work *work)
{
    return work->kind == CELL_IO || work->kind == CELL_MIXED;
}

bool cell_work_computes(const struct cell_work *work)
{
    return work->kind == CELL_CPU || work->kind == CELL_MIXED;
}

const char *cell_work_items(const struct cell_work *work)
{
    if (work->kind == CELL_SLEEP)
        return "tasks";
    return work->kind == CELL_CPU ? "items" : "requests";
}

/* "64k" for 65536: sizes of blocks are powers of two. */
static void format_block(uint64_t bytes, char *text, size_t size)
{
    if (bytes % 1024 == 0)
        snprintf(text, size, "-b%" PRIu64 "k", bytes / 1024);
    else
        snprintf(text, size, "-b%" PRIu64, bytes);
}

size_t cell_work_suffix(const struct cell_work *work, char *text, size_t size)
{
    char cpu[UNITS_TEXT_SIZE], workers[32] = "", loops[32] = "", block[32] = "";
    bool computes = cell_work_computes(work);
    bool pool = work->compute != NULL && strcmp(work->compute, "loop") != 0;

    if (work->workers > 0)
        snprintf(workers, sizeof(workers), "-w%" PRIu64, work->workers);
    if (work->loops > 1)
        snprintf(loops, sizeof(loops), "-l%" PRIu64, work->loops);
    if (computes && work->block_bytes != BLOCK_BYTES_DEFAULT)
        format_block(work->block_bytes, block, sizeof(block));
    return (size_t)snprintf(
        text, size, "%s%s%s%s%s%s%s%s%s", work->kind == CELL_SLEEP ? "-sleep" : "",
        computes ? "-cpu" : "", computes ? cell_duration(work->cpu_ns, cpu) : "", pool ? "-" : "",
        pool ? work->compute : "", workers, loops, work->gil ? "-gil" : "", block);
}

static json_t *integer_if_any(uint64_t value)
{
    return value > 0 ? json_integer((json_int_t)value) : json_null();
}

void cell_work_describe(const struct cell_work *work, json_t *value)
{
    json_object_set_new(value, "work", json_string(cell_work_name(work->kind)));
    json_object_set_new(value, "cpu_ns", integer_if_any(work->cpu_ns));
    json_object_set_new(value, "block_bytes", integer_if_any(work->block_bytes));
    json_object_set_new(value, "compute",
                        work->compute != NULL ? json_string(work->compute) : json_null());
    json_object_set_new(value, "workers", integer_if_any(work->workers));
    json_object_set_new(value, "loops", integer_if_any(work->loops));
    json_object_set_new(value, "gil", json_boolean(work->gil));
}
