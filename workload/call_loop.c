#include "workload/call_loop.h"

#include <errno.h>
#include <stdlib.h>

#include "workload/item.h"

/* What is done in a slot. */
struct call {
    uv_work_t work; /* first */
    struct call_loop *calls;
    struct item item;
    uint64_t id;
    bool ready; /* the item is */
    bool busy;
};

struct call_loop {
    uv_loop_t *loop;
    const struct workload *workload;
    struct recorder *recorder;
    struct call *slots;
    uint64_t under_way;
    void (*ended)(void *user, uint64_t slot);
    void *user;
};

int call_loop_new(struct call_loop **calls, uv_loop_t *loop, const struct workload *w,
                  struct recorder *r, void (*ended)(void *user, uint64_t slot), void *user)
{
    struct call_loop *c = calloc(1, sizeof(*c));
    struct call *slots = calloc(w->concurrency, sizeof(*slots));

    if (c == NULL || slots == NULL) {
        free(c);
        free(slots);
        return -ENOMEM;
    }
    *c = (struct call_loop){
        .loop = loop, .workload = w, .recorder = r, .ended = ended, .user = user};
    c->slots = slots;
    *calls = c;
    return 0;
}

/* In the thread. */
static void on_work(uv_work_t *work)
{
    struct call *call = (struct call *)work;

    item_finish(&call->item, call->id);
}

static void on_worked(uv_work_t *work, int status)
{
    struct call *call = (struct call *)work;
    struct call_loop *calls = call->calls;

    if (status < 0)
        recorder_end(calls->recorder, call->id, OUTCOME_CANCELLED, 0);
    call->busy = false;
    calls->under_way--;
    calls->ended(calls->user, (uint64_t)(call - calls->slots));
}

bool call_loop_begin(struct call_loop *calls, uint64_t slot, uint64_t id)
{
    struct call *call = &calls->slots[slot];
    int error = 0;

    call->calls = calls;
    call->id = id;
    if (!call->ready)
        error = item_init(&call->item, calls->workload, calls->recorder, (uint32_t)slot);
    call->ready = error == 0;
    if (error == 0 && calls->workload->blocking == BLOCKING_LOOP) {
        item_finish(&call->item, id);
        return false;
    }
    if (error == 0)
        error = uv_queue_work(calls->loop, &call->work, on_work, on_worked);
    if (error < 0)
        recorder_end(calls->recorder, id, OUTCOME_OTHER, 0);
    call->busy = error == 0;
    calls->under_way += call->busy;
    return call->busy;
}

void call_loop_free(struct call_loop *calls)
{
    if (calls == NULL)
        return;
    for (uint64_t slot = 0; slot < calls->workload->concurrency; slot++)
        if (calls->slots[slot].busy)
            uv_cancel((uv_req_t *)&calls->slots[slot].work);
    while (calls->under_way > 0)
        uv_run(calls->loop, UV_RUN_ONCE);
    for (uint64_t slot = 0; slot < calls->workload->concurrency; slot++)
        if (calls->slots[slot].ready)
            item_term(&calls->slots[slot].item);
    free(calls->slots);
    free(calls);
}
