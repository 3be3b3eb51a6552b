#include "sleepers/sleepers.h"

#include <signal.h>

#include "common/clock.h"
#include "common/file.h"

static bool all_have_ended(const struct sleepers *s)
{
    return s->slept + s->early + s->cancelled == s->tasks;
}

bool sleepers_lie_down(struct sleepers *s)
{
    s->asleep++;
    if (s->asleep > s->asleep_peak)
        s->asleep_peak = s->asleep;
    return s->asleep == s->tasks;
}

bool sleepers_get_up(struct sleepers *s, uint64_t due_ns, int error)
{
    s->asleep--;
    if (error != 0)
        s->cancelled++;
    else if (clock_ns() < due_ns)
        s->early++;
    else
        s->slept++;
    return all_have_ended(s);
}

void sleepers_give_up(struct sleepers *s, uint64_t count)
{
    s->cancelled += count;
}

bool sleepers_done(struct sleepers *s)
{
    if (s->ready != NULL && !s->announced && s->asleep == s->tasks) {
        s->announced = true;
        s->ready_error = file_check_appendable(s->ready);
    }
    return all_have_ended(s);
}

static const int numbers[INTERRUPT_SIGNALS] = {SIGINT, SIGTERM, SIGHUP};

static void on_signal(uv_signal_t *handle, int number)
{
    struct interrupt *interrupt = handle->data;

    (void)number;
    interrupt->sleepers->interrupted = true;
    if (interrupt->stop != NULL)
        interrupt->stop(interrupt->user);
}

int interrupt_watch(struct interrupt *interrupt, uv_loop_t *loop, struct sleepers *s,
                    void (*stop)(void *user), void *user)
{
    int error = 0;

    *interrupt = (struct interrupt){.sleepers = s, .stop = stop, .user = user};
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
