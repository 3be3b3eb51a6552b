#include "harness/memory/memory_methods.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/json.h"
#include "common/units.h"

#define DIFFERENCE_MAX 0.1

/* The kernel charges cgroups in batches of 64 pages for each core, and updates their statistics in
 * batches as well: less than this is no difference. */
#define CHARGE_BATCH_BYTES (64 * 4096.0 * 4)

static json_t *sentence(double pss, double cgroup)
{
    char a[UNITS_TEXT_SIZE], b[UNITS_TEXT_SIZE];

    return json_sprintf("Anonymous memory is %s by PSS and %s by the cgroup, %.0f %% apart: pages "
                        "that came or went between the two readings, or that were charged to "
                        "another cgroup",
                        units_format_bytes((uint64_t)pss, a),
                        units_format_bytes((uint64_t)cgroup, b), 100 * fabs(cgroup / pss - 1));
}

json_t *memory_methods(const struct proctree_memory *memory, const json_t *cgroup)
{
    double pss = (double)memory->pss_anon_bytes;
    double charged = json_number_at(cgroup, "anon_bytes", -1);
    bool agree;

    if (pss <= 0 || charged < 0)
        return json_null();
    agree = fabs(charged - pss) <= fmax(DIFFERENCE_MAX * pss, CHARGE_BATCH_BYTES);
    return json_pack("{s:s, s:I, s:I, s:f, s:b, s:s, s:s, s:o}", "compared", "anonymous memory",
                     "pss_bytes", (json_int_t)pss, "cgroup_bytes", (json_int_t)charged,
                     "difference", charged / pss - 1, "agree", agree, "only_in_pss",
                     "a share of program and library pages, which other cgroups may be charged for",
                     "only_in_cgroup",
                     "kernel memory (thread stacks, page tables, sockets but those of TCP in "
                     "version 1) and the page cache that the lane was the first to read",
                     "remark", agree ? json_null() : sentence(pss, charged));
}
