/* Thresholds, for the cores that this process may run on. All are low: a mark costs nothing, and a
 * figure that is not marked should need no excuse.
 *
 * Load: more that wanted to run in the last minute than there are cores, and something that still
 * does just before the execution: what the harness itself ran in that minute has ended by then.
 * Steal, other programs: a hundredth and a twentieth of what all cores can do in that time, and
 * more than the kernel's clock of a hundredth of a second can pretend. */
#include "harness/machine/noise.h"

#include <sys/resource.h>

#include "common/clock.h"
#include "common/cores.h"
#include "common/units.h"

#define STEAL_SHARE    0.01
#define OTHERS_SHARE   0.05
#define CLOCK_ERROR_NS (40.0 * NS_PER_MS) /* four ticks: two clocks, read twice */

struct noise noise_take(void)
{
    return (struct noise){
        .load = environment_load(),
        .cpu = environment_cpu(),
        .kernel = kernel_counts_take(),
        .own_ns = process_usage_of(RUSAGE_SELF).cpu_ns,
        .at_ns = clock_ns(),
    };
}

json_t *noise_judge(const struct noise *before, const struct noise *after,
                    const struct noise_execution *execution)
{
    struct cores usable = cores_read("");
    uint64_t cores = usable.affinity, online = usable.online; /* the load is the machine's */
    double capacity = (double)(after->at_ns - before->at_ns) * (double)cores;
    double steal = (double)after->cpu.steal_ns - (double)before->cpu.steal_ns;
    double others = (double)after->cpu.busy_ns - (double)before->cpu.busy_ns -
                    (double)(after->own_ns - before->own_ns) - (double)execution->server_ns -
                    (double)execution->usage.cpu_ns;
    json_t *sentences = json_array();
    char text[UNITS_TEXT_SIZE];

    if (before->load.average > (double)online && before->load.runnable > 0)
        json_array_append_new(
            sentences, json_sprintf("The load average before it was %.2f, on %d cores, and %u "
                                    "others wanted to run",
                                    before->load.average, (int)online, before->load.runnable));
    if (steal > STEAL_SHARE * capacity && steal >= CLOCK_ERROR_NS)
        json_array_append_new(
            sentences,
            json_sprintf("The hypervisor took %s from it, %.1f %% of its cores' time",
                         units_format_duration((uint64_t)steal, text), 100 * steal / capacity));
    if (others > OTHERS_SHARE * capacity + CLOCK_ERROR_NS)
        json_array_append_new(
            sentences,
            json_sprintf("Other programs used %s of CPU time meanwhile, %.0f %% of its cores'",
                         units_format_duration((uint64_t)others, text), 100 * others / capacity));
    return sentences;
}
