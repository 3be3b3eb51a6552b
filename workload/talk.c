#include "workload/talk.h"

#include <poll.h>
#include <stdlib.h>

#include "common/clock.h"

#define STOP_CHECK_NS NS_PER_S /* as often as libcurl looks for it */

void talk_init(struct talk *talk, const struct talk_kind *kind, const struct workload *w,
               struct recorder *r)
{
    *talk = (struct talk){.kind = kind, .workload = w, .recorder = r, .fd = -1};
}

struct talk *talk_new(const struct workload *w, struct recorder *r)
{
    const struct talk_kind *kind = w->work == WORK_SQL ? &query_talk : &websocket_talk;
    struct talk *talk = calloc(1, kind->size);

    if (talk != NULL)
        talk_init(talk, kind, w, r);
    return talk;
}

void talk_free(struct talk *talk)
{
    if (talk != NULL)
        talk->kind->close(talk);
    free(talk);
}

static short end_of(struct talk *talk, short events)
{
    talk->busy = events != 0;
    return events;
}

short talk_begin(struct talk *talk, uint64_t id)
{
    uint64_t deadline_ns = talk->workload->deadline_ns;

    talk->id = id;
    talk->expires_ns = talk->recorder->records[id].start_ns + talk->workload->timeout_ns;
    if (deadline_ns != 0 && deadline_ns < talk->expires_ns)
        talk->expires_ns = deadline_ns;
    return end_of(talk, talk->kind->begin(talk));
}

short talk_go_on(struct talk *talk)
{
    return end_of(talk, talk->kind->go_on(talk));
}

void talk_give_up(struct talk *talk, CURLcode code)
{
    talk->busy = false;
    talk->kind->give_up(talk, code);
}

bool talk_expire(struct talk *talk)
{
    bool over = stop_due(&talk->recorder->queue.stop);

    if (!over && clock_ns() < talk->expires_ns)
        return false;
    talk_give_up(talk, over ? CURLE_ABORTED_BY_CALLBACK : CURLE_OPERATION_TIMEDOUT);
    return true;
}

/* Until the next look at the time, in ms: when its own is over, or a second from now. */
static int wait_ms(const struct talk *talk)
{
    uint64_t now = clock_ns(), until = now + STOP_CHECK_NS;

    if (talk->expires_ns < until)
        until = talk->expires_ns;
    return until > now ? (int)((until - now + NS_PER_MS - 1) / NS_PER_MS) : 0;
}

void talk_perform(struct talk *talk, uint64_t id)
{
    short events = talk_begin(talk, id);

    while (events != 0 && !talk_expire(talk)) {
        struct pollfd wait = {.fd = talk->fd, .events = events};

        if (poll(&wait, 1, wait_ms(talk)) > 0)
            events = talk_go_on(talk);
    }
}
