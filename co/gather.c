/* Waiting for several tasks. One observer for each; the last that ends wakes who gathers. */
#include <stdlib.h>

#include "co/task.h"

struct slot {
    struct co_observer observer; /* first */
    struct gather *gather;
};

struct gather {
    struct co_task *self;
    struct co_task *const *tasks;
    size_t count;
    struct slot *slots;
    size_t running;
    enum co_gather_mode mode;
    int error; /* the first, in time */
    bool cancelled;
};

static void see(struct gather *gather, const struct co_task *task)
{
    gather->running--;
    if (task->result < 0 && gather->error == 0)
        gather->error = task->result;
}

static bool is_over(const struct gather *gather)
{
    bool failed = gather->mode == CO_FIRST_ERROR && gather->error < 0 && !gather->cancelled;

    return gather->running == 0 || failed;
}

static void on_ended(struct co_observer *observer, struct co_task *task)
{
    struct gather *gather = ((struct slot *)observer)->gather;

    see(gather, task);
    if (is_over(gather))
        co_wake(gather->self->loop, &gather->self->waiter, 0);
}

/* Who gathers is cancelled by cancelling all; then their end is waited for. */
static bool cancel_all(void *user)
{
    struct gather *gather = user;

    for (size_t i = 0; i < gather->count; i++)
        if (gather->tasks[i] != NULL && co_cancel(gather->tasks[i]))
            gather->cancelled = true;
    return gather->cancelled;
}

/* The first two are of one that cannot be waited for. */
static int outcome_of(const struct co_task *task)
{
    if (task == NULL)
        return UV_ENOMEM;
    if (co_task_is_within(task))
        return UV_EALREADY;
    return task->state == CO_ENDED ? task->result : UV_EBUSY;
}

static void start_all(struct gather *gather)
{
    for (size_t i = 0; i < gather->count; i++) {
        struct slot *slot = &gather->slots[i];
        struct co_task *task = co_start(gather->tasks[i]);

        *slot = (struct slot){.observer.ended = on_ended, .gather = gather};
        co_link_init(&slot->observer.link);
        gather->running++;
        if (task == NULL || co_task_is_within(task)) {
            gather->running--;
            gather->error = gather->error == 0 ? outcome_of(task) : gather->error;
        } else if (task->state == CO_ENDED) {
            see(gather, task);
        } else {
            co_task_observe(task, &slot->observer);
        }
    }
}

/* The task whose error is returned: the first of those that ended with it. */
static struct co_task *returned(const struct gather *gather)
{
    for (size_t i = 0; i < gather->count; i++) {
        struct co_task *task = gather->tasks[i];

        if (task != NULL && task->state == CO_ENDED && task->result == gather->error)
            return task;
    }
    return NULL;
}

/* Errors that the caller is not told of, since another came first or he was cancelled, stay
 * unretrieved: the loop will name them. */
static void collect(struct gather *gather, int outcomes[])
{
    bool first = gather->mode == CO_FIRST_ERROR;
    struct co_task *told = first && !gather->cancelled ? returned(gather) : NULL;

    for (size_t i = 0; i < gather->count; i++) {
        struct co_task *task = gather->tasks[i];
        bool all_told = !first && outcomes != NULL;

        if (outcomes != NULL)
            outcomes[i] = outcome_of(task);
        if (task != NULL && task->state == CO_ENDED)
            task->retrieved |= task->result >= 0 || all_told || task == told;
    }
}

int co_gather(struct co_task *self, struct co_task *const tasks[], size_t count, int outcomes[],
              enum co_gather_mode mode)
{
    struct gather gather = {.self = self, .tasks = tasks, .count = count, .mode = mode};
    int error = 0;

    if (count == 0)
        return 0;
    gather.slots = malloc(count * sizeof(*gather.slots));
    if (gather.slots == NULL)
        return UV_ENOMEM;
    start_all(&gather);
    if (!is_over(&gather))
        error = co_park(self, cancel_all, &gather);
    for (size_t i = 0; i < count; i++)
        co_link_remove(&gather.slots[i].observer.link);
    collect(&gather, outcomes);
    free(gather.slots);
    if (error == 0 && gather.cancelled)
        error = UV_ECANCELED;
    if (error == 0 && mode == CO_FIRST_ERROR)
        error = gather.error;
    return error;
}
