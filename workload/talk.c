#include "workload/talk.h"

#include <poll.h>
#include <stdlib.h>

#include "common/clock.h"

#define STOP_CHECK_NS NS_PER_S /* as often as libcurl looks for it */

struct talk *talk_new(const struct workload *w, struct recorder *r)
{
    const struct talk_kind *kind = w->work == WORK_SQL ? &query_talk : &websocket_talk;
    struct talk *talk = calloc(1, kind->size);

    if (talk != NULL)
        *talk = (struct talk){.kind = kind, .workload = w, .recorder = r};
    return talk;
}

void talk_free(struct talk *talk)
{
    if (talk != NULL)
        talk->kind->close(talk);
    free(talk);
}

short talk_begin(struct talk *talk, uint64_t id)
{
    talk->id = id;
    return talk->kind->begin(talk);
}

static uint64_t timeout_at_ns(const struct talk *talk)
{
    return talk->recorder->records[talk->id].start_ns + talk->workload->timeout_ns;
}

bool talk_expire(struct talk *talk)
{
    bool over = stop_due(&talk->recorder->queue.stop);

    if (!over && clock_ns() < timeout_at_ns(talk))
        return false;
    recorder_end(talk->recorder, talk->id, over ? OUTCOME_CANCELLED : OUTCOME_TIMEOUT,
                 talk->kind->timed_out);
    return true;
}

/* Until the next look at the time, in ms: at the timeout, at the deadline, or a second from now. */
static int wait_ms(const struct talk *talk)
{
    uint64_t now = clock_ns(), until = now + STOP_CHECK_NS, deadline = talk->workload->deadline_ns;

    if (timeout_at_ns(talk) < until)
        until = timeout_at_ns(talk);
    if (deadline != 0 && deadline < until)
        until = deadline;
    return until > now ? (int)((until - now + NS_PER_MS - 1) / NS_PER_MS) : 0;
}

void talk_perform(struct talk *talk, uint64_t id)
{
    const struct talk_kind *kind = talk->kind;
    short events = talk_begin(talk, id);

    while (events != 0) {
        struct pollfd wait = {.fd = kind->socket(talk), .events = events};

        if (poll(&wait, 1, wait_ms(talk)) > 0)
            events = kind->go_on(talk);
        else if (talk_expire(talk))
            events = 0;
    }
    if (!kind->rests(talk))
        kind->close(talk);
}
