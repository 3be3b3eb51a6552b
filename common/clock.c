#include "common/clock.h"

#include <stdio.h>

uint64_t clock_ns_of(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * NS_PER_S + (uint64_t)now.tv_nsec;
}

uint64_t clock_ns(void)
{
    return clock_ns_of(CLOCK_MONOTONIC);
}

struct timespec clock_timespec(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S)};
}

void clock_utc(char *text)
{
    struct timespec now;
    struct tm utc;
    size_t length;

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    length = strftime(text, CLOCK_UTC_SIZE, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + length, CLOCK_UTC_SIZE - length, ".%03uZ",
             (unsigned)((uint64_t)now.tv_nsec / NS_PER_MS) % 1000U);
}

void clock_sleep_until(uint64_t deadline_ns)
{
    struct timespec deadline = clock_timespec(deadline_ns);

    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL);
}
