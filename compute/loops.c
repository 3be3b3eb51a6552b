#include "compute/loops.h"

#include <errno.h>
#include <stdlib.h>
#include <uv.h>

struct runner {
    uv_thread_t thread;
    int (*run)(void *loop);
    void *loop;
    int error;
};

static void in_thread(void *argument)
{
    struct runner *runner = argument;

    runner->error = runner->run(runner->loop);
}

int loops_run(int (*run)(void *loop), void *loops, size_t size, uint64_t count, _Atomic bool *stop)
{
    struct runner *runners = calloc(count, sizeof(*runners));
    uint64_t started = 1;
    int error = runners != NULL ? 0 : -ENOMEM;

    while (error == 0 && started < count) {
        struct runner *runner = &runners[started];

        *runner = (struct runner){.run = run, .loop = (char *)loops + started * size};
        error = uv_thread_create(&runner->thread, in_thread, runner);
        started += error == 0;
    }
    if (error < 0)
        *stop = true;
    else
        error = run(loops);
    for (uint64_t i = 1; i < started; i++) {
        uv_thread_join(&runners[i].thread);
        if (runners[i].error < 0)
            error = runners[i].error;
    }
    free(runners);
    return error;
}
