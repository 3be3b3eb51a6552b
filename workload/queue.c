#include "workload/queue.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/prctl.h>

#define STOP_CHECK_NS (100 * NS_PER_MS)

int queue_schedule(struct queue *q, const struct load *load)
{
    uint64_t *due_ns, before_ns = 0;

    if (load->rate == 0)
        return 0;
    due_ns = malloc(q->requests * sizeof(*due_ns));
    if (due_ns == NULL)
        return -ENOMEM;
    for (uint64_t id = 0; id < q->requests; id++)
        due_ns[id] = before_ns = load_due_ns(load, id, before_ns);
    q->due_ns = due_ns;
    prctl(PR_SET_TIMERSLACK, 1UL); /* inherited by all that wait: else each sleeps 50 us too long */
    return 0;
}

void queue_free_schedule(struct queue *q)
{
    free((uint64_t *)q->due_ns);
    q->due_ns = NULL;
}

bool queue_wait(const struct queue *q, uint64_t id)
{
    uint64_t due_ns = queue_due_ns(q, id), now_ns;

    while (due_ns != 0 && (now_ns = clock_ns()) < due_ns) {
        if (stop_due(&q->stop))
            return false;
        clock_sleep_until(due_ns < now_ns + STOP_CHECK_NS ? due_ns : now_ns + STOP_CHECK_NS);
    }
    return true;
}
