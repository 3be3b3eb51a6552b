#include "sleepers/interrupt.h"

#include <signal.h>

static const int numbers[INTERRUPT_SIGNALS] = {SIGINT, SIGTERM, SIGHUP};

static void on_signal(uv_signal_t *handle, int number)
{
    struct interrupt *interrupt = handle->data;

    (void)number;
    interrupt->stop(interrupt->user);
}

int interrupt_watch(struct interrupt *interrupt, uv_loop_t *loop, void (*stop)(void *user),
                    void *user)
{
    int error = 0;

    interrupt->stop = stop;
    interrupt->user = user;
    for (int i = 0; i < INTERRUPT_SIGNALS && error == 0; i++) {
        uv_signal_t *handle = &interrupt->signals[i];

        error = uv_signal_init(loop, handle);
        if (error < 0)
            break;
        handle->data = interrupt;
        uv_unref((uv_handle_t *)handle);
        error = uv_signal_start_oneshot(handle, on_signal, numbers[i]);
    }
    return error;
}
