/* Time: one monotonic clock for every measurement, and UTC only for labels. */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#define NS_PER_US 1000ULL
#define NS_PER_MS 1000000ULL
#define NS_PER_S  1000000000ULL

#define CLOCK_UTC_SIZE 32 /* bytes that clock_utc() needs */

/* Nanoseconds of CLOCK_MONOTONIC: never set back, the same in every process of the machine. */
uint64_t clock_ns(void);

/* Nanoseconds of another clock, such as CLOCK_THREAD_CPUTIME_ID. */
uint64_t clock_ns_of(clockid_t clock);

/* A time or duration for the kernel. */
struct timespec clock_timespec(uint64_t ns);

/* Writes the present time as "2026-11-22T19:45:41.123Z" to `text` of CLOCK_UTC_SIZE bytes. */
void clock_utc(char *text);

/* Sleeps until clock_ns() has reached `deadline_ns`; returns early when a signal arrives. */
void clock_sleep_until(uint64_t deadline_ns);

#endif
