#include "workload/accounts.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "common/clock.h"
#include "common/file.h"

static uint64_t timeval_ns(const struct timeval *time)
{
    return (uint64_t)time->tv_sec * NS_PER_S + (uint64_t)time->tv_usec * NS_PER_US;
}

/* VmHWM, because ru_maxrss starts at the size of the program that started this one. */
static uint64_t own_peak_bytes(void)
{
    char *status = file_read("/proc/self/status", 1UL << 16, NULL);
    const char *line = status != NULL ? strstr(status, "VmHWM:") : NULL;
    uint64_t bytes = line != NULL ? strtoull(line + strlen("VmHWM:"), NULL, 10) * 1024 : 0;

    free(status);
    return bytes;
}

struct accounts accounts_take(void)
{
    uint64_t own_peak = own_peak_bytes(), child_peak;
    struct rusage self, children;

    getrusage(RUSAGE_SELF, &self);
    getrusage(RUSAGE_CHILDREN, &children);
    child_peak = (uint64_t)children.ru_maxrss * 1024;
    return (struct accounts){
        .user_cpu_ns = timeval_ns(&self.ru_utime) + timeval_ns(&children.ru_utime),
        .system_cpu_ns = timeval_ns(&self.ru_stime) + timeval_ns(&children.ru_stime),
        .max_rss_bytes = child_peak > own_peak ? child_peak : own_peak,
    };
}
