/* Timeouts: a cancellation that comes with the time, and that only its own scope takes back. */
#include "co/task.h"

static void on_due(struct co_waiter *waiter, int reason)
{
    struct co_timeout *timeout = (struct co_timeout *)waiter;

    (void)reason;
    timeout->expired = true;
    co_cancel(timeout->task);
}

void co_timeout_begin(struct co_task *self, struct co_timeout *timeout, uint64_t ns)
{
    uint64_t now_ns = co_now_ns(self->loop);

    *timeout = (struct co_timeout){.task = self, .scope = co_scope_open(self)};
    co_waiter_init(&timeout->waiter, on_due);
    co_timeout_move(timeout, ns < UINT64_MAX - now_ns ? now_ns + ns : UINT64_MAX);
}

void co_timeout_move(struct co_timeout *timeout, uint64_t due_ns)
{
    struct co_loop *loop = timeout->task->loop;

    if (timeout->expired)
        return;
    co_forget(loop, &timeout->waiter);
    timeout->due_ns = due_ns;
    if (due_ns != UINT64_MAX && co_wake_at(loop, &timeout->waiter, due_ns) < 0)
        co_wake(loop, &timeout->waiter, 0); /* no memory for it: better early than never */
}

int co_timeout_end(struct co_timeout *timeout, int error)
{
    struct co_task *task = timeout->task;

    co_forget(task->loop, &timeout->waiter);
    if (!timeout->expired)
        return error;
    if (!co_scope_take_back(&timeout->scope, task))
        return error; /* somebody else wants the task to end as well */
    return error == UV_ECANCELED ? UV_ETIMEDOUT : error;
}

int co_await_for(struct co_task *self, struct co_task *task, uint64_t ns)
{
    struct co_timeout timeout;

    co_timeout_begin(self, &timeout, ns);
    return co_timeout_end(&timeout, co_await (self, task));
}
