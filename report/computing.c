#include "report/computing.h"

#include <math.h>
#include <string.h>

#include "common/json.h"
#include "report/format.h"
#include "report/run_data.h"

#define BLOCK_BYTES 32 /* one digest: what a lane hashes at a time where nothing else is asked */

static enum work work_of(const char *name)
{
    static const char *const names[] = {
        [WORK_IO] = "io", [WORK_CPU] = "cpu", [WORK_MIXED] = "mixed"};

    for (int work = WORK_IO; work < WORK_OTHER; work++)
        if (strcmp(names[work], name) == 0)
            return (enum work)work;
    return WORK_OTHER;
}

struct computing computing_of(const json_t *cell)
{
    enum work work = work_of(json_text_at(cell, "work", "io"));

    return (struct computing){
        .work = work,
        .cpu_ns = work == WORK_IO ? 0 : run_number(cell, "cpu_ns"),
        .block_bytes = run_number(cell, "block_bytes"),
        .compute = json_text_at(cell, "compute", NULL),
        .workers = run_number(cell, "workers"),
        .loops = run_number(cell, "loops"),
        .gil = json_is_true(json_at(cell, "gil")),
    };
}

static double or_default(double value, double otherwise)
{
    return value > 0 ? value : otherwise;
}

bool computing_is_offloaded(const struct computing *computing)
{
    return computing->compute != NULL && strcmp(computing->compute, "loop") != 0;
}

bool computing_same_place(const struct computing *a, const struct computing *b)
{
    bool offloaded = computing_is_offloaded(a);

    return offloaded == computing_is_offloaded(b) &&
           (!offloaded || strcmp(a->compute, b->compute) == 0);
}

bool computing_same_blocks(const struct computing *a, const struct computing *b)
{
    return or_default(a->block_bytes, BLOCK_BYTES) == or_default(b->block_bytes, BLOCK_BYTES);
}

bool computing_same_way(const struct computing *a, const struct computing *b)
{
    return a->gil == b->gil && or_default(a->loops, 1) == or_default(b->loops, 1) &&
           or_default(a->workers, 0) == or_default(b->workers, 0) && computing_same_blocks(a, b) &&
           computing_same_place(a, b);
}

static bool same(double asked, double value)
{
    return isnan(asked) || asked == value;
}

bool computing_is_meant(const struct computing *asked, const struct computing *cell)
{
    return asked->work == cell->work && asked->gil == cell->gil &&
           computing_same_place(asked, cell) &&
           or_default(asked->loops, 1) == or_default(cell->loops, 1) &&
           same(asked->workers, cell->workers) && same(asked->cpu_ns, cell->cpu_ns) &&
           computing_same_blocks(asked, cell);
}

/* "2 processes compute", or "processes compute" where nobody says how many. */
static void write_pool(FILE *out, const struct computing *computing)
{
    const char *unit = strcmp(computing->compute, "processes") == 0 ? "process" : "thread";

    fputs(", ", out);
    if (isfinite(computing->workers)) {
        format_count(out, computing->workers);
        fputc(' ', out);
    }
    if (computing->workers == 1)
        fprintf(out, "%s computes", unit);
    else
        fprintf(out, "%s%s compute", unit, unit[0] == 'p' ? "es" : "s");
}

/* "64 KiB", or "1000-byte" where it is not so many of them. */
static void write_block_size(FILE *out, double bytes)
{
    bool kibi = fmod(bytes, 1024) == 0;

    format_count(out, kibi ? bytes / 1024 : bytes);
    fputs(kibi ? " KiB" : "-byte", out);
}

void computing_label(FILE *out, const struct computing *computing)
{
    if (computing->loops > 1) {
        fputs(", ", out);
        format_count(out, computing->loops);
        fputs(" loops", out);
    }
    if (computing_is_offloaded(computing))
        write_pool(out, computing);
    if (computing->gil)
        fputs(", simulated GIL", out);
    if (computing->block_bytes > BLOCK_BYTES) {
        fputs(", ", out);
        write_block_size(out, computing->block_bytes);
        fputs(" blocks", out);
    }
}
