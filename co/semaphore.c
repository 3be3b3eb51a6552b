/* A permit that is given back goes to the first who waits, never past him: so nobody who comes
 * later overtakes, and it cannot be lost between two tasks. */
#include "co/task.h"

void co_semaphore_init(struct co_semaphore *semaphore, struct co_loop *loop, size_t permits)
{
    *semaphore = (struct co_semaphore){.loop = loop, .permits = permits};
    co_link_init(&semaphore->waiting);
}

bool co_semaphore_try(struct co_semaphore *semaphore)
{
    if (semaphore->permits == 0)
        return false;
    semaphore->permits--;
    return true;
}

int co_semaphore_acquire(struct co_task *self, struct co_semaphore *semaphore)
{
    if (co_semaphore_try(semaphore))
        return 0;
    co_list_append(&semaphore->waiting, &self->waiter.link);
    return co_park(self, NULL, NULL);
}

void co_semaphore_queue(struct co_semaphore *semaphore, struct co_waiter *waiter)
{
    if (co_semaphore_try(semaphore))
        co_wake(semaphore->loop, waiter, 0);
    else
        co_list_append(&semaphore->waiting, &waiter->link);
}

void co_semaphore_release(struct co_semaphore *semaphore)
{
    if (co_list_is_empty(&semaphore->waiting))
        semaphore->permits++;
    else
        co_wake(semaphore->loop, co_list_first(&semaphore->waiting), 0);
}
