#include "sleepers/kinds.h"

const struct kind kinds[] = {
    {
        .name = "coroutine",
        .plural = "coroutines",
        .summary = "a coroutine with a stack of its own",
        .task_bytes = 4608, /* a page of the stack, the task, its timer */
        .run = coroutine_run,
    },
    {
        .name = "stackless",
        .plural = "stackless tasks",
        .summary = "a waiter of the coroutines' loop, without a stack",
        .task_bytes = 80,
        .run = stackless_run,
    },
    {
        .name = "timer",
        .plural = "timers",
        .summary = "a timer of libuv with its callback",
        .task_bytes = 160,
        .run = timer_run,
    },
    {
        .name = "thread",
        .plural = "threads",
        .summary = "a thread of the operating system",
        .task_bytes = 40960, /* pages of its stack, and in the kernel its stack and its record */
        .threads = 1,
        .mappings = 2, /* a stack and its guard page */
        .run = thread_run,
    },
    {0},
};
