#include "workload/accounts.h"

#include <sys/resource.h>

#include "common/clock.h"
#include "common/file.h"

static uint64_t timeval_ns(const struct timeval *time)
{
    return (uint64_t)time->tv_sec * NS_PER_S + (uint64_t)time->tv_usec * NS_PER_US;
}

struct accounts accounts_take(void)
{
    /* VmHWM, because ru_maxrss starts at the size of the program that started this one. */
    uint64_t own_peak = file_read_number("/proc/self/status", "VmHWM:", 0) * 1024, child_peak;
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
