#include "mockserver/counters.h"

#include <stdio.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"

#define RELAXED  memory_order_relaxed
#define BURST_NS (NS_PER_S / 10) /* of requests under a rate */

uint64_t counters_read(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, RELAXED);
}

static void write_counter(_Atomic uint64_t *counter, uint64_t value)
{
    atomic_store_explicit(counter, value, RELAXED);
}

struct counters *counters_new(void)
{
    struct counters *counters =
        mmap(NULL, sizeof(*counters), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (counters == MAP_FAILED)
        return NULL;
    counters->started_ns = clock_ns();
    return counters;
}

void counters_free(struct counters *counters)
{
    if (counters == NULL)
        return;
    counters_free(counters->files);
    munmap(counters, sizeof(*counters));
}

void counters_add(_Atomic uint64_t *counter, uint64_t amount)
{
    atomic_fetch_add_explicit(counter, amount, RELAXED);
}

bool gauge_try_up(struct gauge *gauge, uint64_t max)
{
    uint64_t now = counters_read(&gauge->now);

    do {
        if (max > 0 && now >= max)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(&gauge->now, &now, now + 1, RELAXED, RELAXED));
    histogram_raise(&gauge->peak, now + 1);
    return true;
}

void counters_id(struct counters *counters, uint64_t id)
{
    uint64_t bit = 1ULL << (id % 64);

    if (id < COUNTERS_IDS_MAX &&
        (atomic_fetch_or_explicit(&counters->ids_seen[id / 64], bit, RELAXED) & bit) == 0)
        counters_add(&counters->ids, 1);
    histogram_raise(&counters->id_max, id);
}

void gauge_down(struct gauge *gauge)
{
    atomic_fetch_sub_explicit(&gauge->now, 1, RELAXED);
}

/* The generic cell rate algorithm: *next_ns is when the requests so far would have come, had they
 * come evenly. A request may come before its time by the length of a burst. */
bool rate_allows(_Atomic uint64_t *next_ns, uint64_t per_second, uint64_t now_ns)
{
    uint64_t next = atomic_load_explicit(next_ns, RELAXED), after;

    if (per_second == 0)
        return true;
    do {
        uint64_t base = next > now_ns ? next : now_ns;

        after = base + NS_PER_S / per_second;
        if (base > now_ns && after > now_ns + BURST_NS)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(next_ns, &next, after, RELAXED, RELAXED));
    return true;
}

void counters_late(struct counters *counters, uint64_t due_ns, uint64_t sent_ns)
{
    if (sent_ns < due_ns)
        counters_add(&counters->early, 1);
    histogram_add(&counters->lateness_ns, sent_ns < due_ns ? 0 : sent_ns - due_ns);
}

void counters_busy(struct counters *counters, uint64_t ns)
{
    histogram_raise(&counters->busy_ns_max, ns);
}

static uint64_t cpu_ns_of(pid_t pid)
{
    struct timespec used;
    clockid_t clock;

    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &used) < 0)
        return 0;
    return (uint64_t)used.tv_sec * NS_PER_S + (uint64_t)used.tv_nsec;
}

/* Resident memory of a process, in bytes; 0 where /proc does not tell. */
static uint64_t rss_bytes_of(pid_t pid)
{
    char path[32];
    unsigned long size, resident = 0;
    FILE *statm;

    snprintf(path, sizeof(path), "/proc/%d/statm", (int)pid);
    statm = fopen(path, "re");
    if (statm == NULL)
        return 0;
    if (fscanf(statm, "%lu %lu", &size, &resident) != 2)
        resident = 0;
    fclose(statm);
    return (uint64_t)resident * (uint64_t)sysconf(_SC_PAGESIZE);
}

static uint64_t sum_over_processes(const struct counters *counters, uint64_t (*of)(pid_t pid))
{
    uint64_t sum = 0;

    for (size_t i = 0; i < COUNTERS_WORKERS_MAX; i++) {
        pid_t pid = atomic_load_explicit(&counters->pids[i], RELAXED);

        sum += pid > 0 ? of(pid) : 0;
    }
    return sum;
}

uint64_t counters_cpu_ns(const struct counters *counters)
{
    return sum_over_processes(counters, cpu_ns_of) - counters_read(&counters->cpu_ns_at_reset);
}

uint64_t counters_rss_bytes(const struct counters *counters)
{
    return sum_over_processes(counters, rss_bytes_of);
}

void counters_reset(struct counters *counters)
{
    _Atomic uint64_t *end = (_Atomic uint64_t *)(counters + 1);

    counters_add(&counters->resets, 1);
    for (_Atomic uint64_t *counter = &counters->requests; counter < end; counter++)
        if (counters_read(counter) != 0)
            write_counter(counter, 0);
    write_counter(&counters->in_flight.peak, counters_read(&counters->in_flight.now));
    write_counter(&counters->connections.peak, counters_read(&counters->connections.now));
    write_counter(&counters->cpu_ns_at_reset, sum_over_processes(counters, cpu_ns_of));
    if (counters->files != NULL)
        counters_reset(counters->files);
}
