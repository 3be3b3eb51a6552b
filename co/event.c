/* Events and conditions. */
#include "co/task.h"

void co_event_init(struct co_event *event, struct co_loop *loop)
{
    *event = (struct co_event){.loop = loop};
    co_link_init(&event->waiting);
}

int co_event_wait(struct co_task *self, struct co_event *event)
{
    if (event->is_set)
        return 0;
    co_list_append(&event->waiting, &self->waiter.link);
    return co_park(self, NULL, NULL);
}

void co_event_set(struct co_event *event)
{
    event->is_set = true;
    co_wake_all(event->loop, &event->waiting, 0);
}

void co_event_clear(struct co_event *event)
{
    event->is_set = false;
}

void co_condition_init(struct co_condition *condition, struct co_semaphore *lock)
{
    *condition = (struct co_condition){.lock = lock};
    co_link_init(&condition->waiting);
}

int co_condition_wait(struct co_task *self, struct co_condition *condition)
{
    bool cancelled = false;
    int reason;

    co_semaphore_release(condition->lock);
    co_list_append(&condition->waiting, &self->waiter.link);
    reason = co_park(self, NULL, NULL);
    while (co_semaphore_acquire(self, condition->lock) == UV_ECANCELED)
        cancelled = true;
    if (cancelled && reason == 0)
        self->pending = true; /* it was notified, and must not swallow that */
    return reason;
}

void co_condition_notify(struct co_condition *condition, size_t count)
{
    while (count-- > 0 && !co_list_is_empty(&condition->waiting))
        co_wake(condition->lock->loop, co_list_first(&condition->waiting), 0);
}
