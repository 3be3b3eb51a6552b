/* Thresholds. All are low: a mark costs nothing, and a figure that is not marked should need no
 * excuse.
 *
 * Load: more that wanted to run in the last minute than there are cores, and something that still
 * does just before the execution: what the harness itself ran in that minute has ended by then.
 * Steal, other programs: a hundredth and a twentieth of what all cores can do in that time, and
 * more than the kernel's clock of a hundredth of a second can pretend.
 * Spread: the scaled MAD of a cell, which for a normal distribution is its standard deviation. */
#include "harness/machine/noise.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/stats.h"
#include "common/units.h"

#define STEAL_SHARE    0.01
#define OTHERS_SHARE   0.05
#define CPU_EXCESS_MAX 0.1
#define CPU_EXCESS_NS  (10.0 * NS_PER_MS) /* less is not far from the kernel's own grain */
#define CLOCK_ERROR_NS (40.0 * NS_PER_MS) /* four ticks: two clocks, read twice */
#define SPREAD_MAX     0.05
#define MAD_TO_SIGMA   1.4826 /* of a normal distribution */

static uint64_t own_cpu_ns(void)
{
    struct rusage own;

    getrusage(RUSAGE_SELF, &own);
    return (uint64_t)(own.ru_utime.tv_sec + own.ru_stime.tv_sec) * NS_PER_S +
           (uint64_t)(own.ru_utime.tv_usec + own.ru_stime.tv_usec) * NS_PER_US;
}

struct noise noise_take(void)
{
    return (struct noise){
        .load = environment_load(),
        .cpu = environment_cpu(),
        .own_ns = own_cpu_ns(),
        .at_ns = clock_ns(),
    };
}

__attribute__((format(printf, 2, 3))) static void add(json_t *sentences, const char *format, ...)
{
    char text[256];
    va_list values;

    va_start(values, format);
    vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    json_array_append_new(sentences, json_string(text));
}

static void judge_load(json_t *sentences, const struct environment_load *load, long cores)
{
    if (load->average > (double)cores && load->runnable > 0)
        add(sentences,
            "The load average before it was %.2f, on %ld cores, and %u others wanted to run",
            load->average, cores, load->runnable);
}

static void judge_cpu(json_t *sentences, const struct noise *before, const struct noise *after,
                      const struct noise_execution *execution, long cores)
{
    double capacity = (double)(after->at_ns - before->at_ns) * (double)cores;
    double steal = (double)after->cpu.steal_ns - (double)before->cpu.steal_ns;
    double others = (double)after->cpu.busy_ns - (double)before->cpu.busy_ns -
                    (double)(after->own_ns - before->own_ns) - (double)execution->server_ns -
                    (double)execution->usage.cpu_ns;
    char text[UNITS_TEXT_SIZE];

    if (steal > STEAL_SHARE * capacity && steal >= CLOCK_ERROR_NS)
        add(sentences, "The hypervisor took %s from it, %.1f %% of the machine's time",
            units_format_duration((uint64_t)steal, text), 100 * steal / capacity);
    if (others > OTHERS_SHARE * capacity + CLOCK_ERROR_NS)
        add(sentences, "Other programs used %s of CPU time meanwhile, %.0f %% of the machine's",
            units_format_duration((uint64_t)others, text), 100 * others / capacity);
}

json_t *noise_judge(const struct noise *before, const struct noise *after,
                    const struct noise_execution *execution)
{
    json_t *sentences = json_array();
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    if (sentences == NULL)
        return NULL;
    judge_load(sentences, &before->load, cores);
    judge_cpu(sentences, before, after, execution, cores);
    return sentences;
}

json_t *noise_spread(const double *walls, size_t count)
{
    struct stats_summary summary;
    double spread;

    if (count < 3 || stats_summarise(walls, count, &summary) < 0 || !(summary.median > 0))
        return NULL;
    spread = MAD_TO_SIGMA * summary.mad / summary.median;
    if (!(spread > SPREAD_MAX))
        return NULL;
    return json_sprintf("Its wall times spread by %.0f %% (1.48 MAD of %zu executions)",
                        100 * spread, count);
}

json_t *noise_cpu(const double *cpus, size_t count)
{
    struct stats_summary summary;
    size_t slow = 0;

    if (count < 3 || stats_summarise(cpus, count, &summary) < 0)
        return NULL;
    for (size_t i = 0; i < count; i++)
        slow += cpus[i] > (1 + CPU_EXCESS_MAX) * summary.median &&
                cpus[i] - summary.median > CPU_EXCESS_NS;
    if (slow == 0)
        return NULL;
    return json_sprintf(
        "%zu of its %zu executions took up to %.0f %% more CPU time than its median: "
        "the machine computed more slowly then, which nothing else tells",
        slow, count, 100 * (summary.max / summary.median - 1));
}
