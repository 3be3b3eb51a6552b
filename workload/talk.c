#include "workload/talk.h"

#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/clock.h"

#define STOP_CHECK_NS NS_PER_S /* as often as libcurl looks for it */

struct talk *talk_new(const struct workload *w, struct recorder *r)
{
    const struct talk_kind *kind = w->work == WORK_SQL         ? &query_talk
                                   : w->work == WORK_WEBSOCKET ? &websocket_talk
                                                               : &raw_talk;
    struct talk *talk = calloc(1, kind->size);

    if (talk != NULL)
        *talk = (struct talk){.kind = kind, .workload = w, .recorder = r, .fd = -1};
    return talk;
}

void talk_free(struct talk *talk)
{
    if (talk != NULL)
        talk->kind->close(talk);
    free(talk);
}

void talk_disconnect(struct talk *talk)
{
    if (talk->fd >= 0)
        close(talk->fd);
    talk->fd = -1;
    talk->watched = 0;
    talk->connected = false;
}

short talk_begin(struct talk *talk, uint64_t id)
{
    talk->id = id;
    talk->answered = false;
    return talk->kind->begin(talk);
}

uint64_t talk_expires_ns(const struct talk *talk)
{
    uint64_t deadline_ns = talk->workload->deadline_ns;
    uint64_t timeout_ns = talk->recorder->records[talk->id].start_ns + talk->workload->timeout_ns;

    return deadline_ns != 0 && deadline_ns < timeout_ns ? deadline_ns : timeout_ns;
}

bool talk_expire(struct talk *talk)
{
    bool over = stop_due(&talk->recorder->queue.stop);

    if (!over && clock_ns() < talk_expires_ns(talk))
        return false;
    recorder_end(talk->recorder, talk->id, over ? OUTCOME_CANCELLED : OUTCOME_TIMEOUT,
                 talk->kind->timed_out);
    return true;
}

/* Until the next look at the time, in ms: when it is over, or a second from now. */
static int wait_ms(const struct talk *talk)
{
    uint64_t now = clock_ns(), until = now + STOP_CHECK_NS;

    if (talk_expires_ns(talk) < until)
        until = talk_expires_ns(talk);
    return until > now ? (int)((until - now + NS_PER_MS - 1) / NS_PER_MS) : 0;
}

bool talk_perform(struct talk *talk, uint64_t id)
{
    const struct talk_kind *kind = talk->kind;
    short events = talk_begin(talk, id);

    while (events != 0) {
        struct pollfd wait = {.fd = talk->fd, .events = events};

        if (talk_expire(talk))
            events = 0;
        else if (poll(&wait, 1, wait_ms(talk)) > 0)
            events = kind->go_on(talk);
    }
    if (!kind->rests(talk))
        kind->close(talk);
    return talk->answered;
}
