#include "workload/loop_items.h"

#include <errno.h>
#include <stdlib.h>

#include "common/clock.h"

/* Computes the item of a slot, on the loop or elsewhere. Returns as loop_items_begin(). */
static bool compute(struct loop_items *items, uint64_t slot, uint64_t id)
{
    enum computed computed = COMPUTED_NOT;
    enum activity before;

    if (items->pieces != NULL &&
        offload_begin(&items->share->offload, &items->pieces[slot], id) == 0)
        return true;
    if (items->pieces == NULL) {
        before = pulse_enter(&items->pulse, ACTIVITY_COMPUTING, items->workload->first_id + id);
        computed = computer_run(&items->computer);
        pulse_enter(&items->pulse, before, 0);
    }
    recorder_end(items->recorder, id, outcome_of_computing(computed), 0);
    return false;
}

/* Of the transfers. */
static unsigned share_of(const struct loop_items *items, uint64_t slot)
{
    return (unsigned)(slot / curl_loop_share(items->workload->fresh));
}

/* Returns as loop_items_begin(). */
static bool begin(struct loop_items *items, uint64_t slot, uint64_t id)
{
    struct request *request;
    enum activity before;
    bool under_way;

    recorder_start(items->recorder, id, (uint32_t)(items->share->first_slot + slot));
    if (items->jobs != NULL) {
        before = pulse_enter(&items->pulse, ACTIVITY_CALLING, 0);
        under_way = job_loop_begin(items->jobs, slot, id);
        pulse_enter(&items->pulse, before, 0);
        return under_way;
    }
    if (items->talks.talkers != NULL)
        return talk_loop_begin(&items->talks, slot, id);
    if (items->requests == NULL)
        return compute(items, slot, id);
    request = &items->requests[slot];
    if (request_begin(request, id) < 0)
        return false;
    if (curl_loop_add(&items->transfers, share_of(items, slot), request->easy) == 0)
        return true;
    request_end(request, CURLE_OUT_OF_MEMORY);
    return false;
}

static void on_due(void *user, uint64_t slot, uint64_t id)
{
    struct loop_items *items = user;

    if (!begin(items, slot, id))
        items->ended(items->user, slot);
}

bool loop_items_begin(struct loop_items *items, uint64_t slot, uint64_t id)
{
    uint64_t due_ns = queue_due_ns(&items->recorder->queue, id);

    if (due_ns == 0 || due_ns <= clock_ns())
        return begin(items, slot, id);
    due_slots_add(&items->waiting, &(struct due_slot){slot, id, due_ns});
    return true;
}

/* The answer is there, or never will be: computes what is to be computed from it. */
static void on_answer(struct loop_items *items, uint64_t slot, uint64_t id, bool answered)
{
    if (!answered || !compute(items, slot, id))
        items->ended(items->user, slot);
}

static void on_transfer_end(void *user, CURL *easy, CURLcode code)
{
    struct loop_items *items = user;
    struct request *request;
    bool answered;

    curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&request);
    answered = request_end(request, code);
    on_answer(items, (uint64_t)(request - items->requests), request->id, answered);
}

static void on_talk_end(void *user, uint64_t slot, const struct talk *talk)
{
    on_answer(user, slot, talk->id, talk->answered);
}

/* A thread or process has computed an item. */
static void on_computed(void *user, struct piece *piece)
{
    struct loop_items *items = user;

    recorder_end(items->recorder, piece->id, outcome_of_computing(piece->computed), 0);
    items->ended(items->user, (uint64_t)(piece - items->pieces));
}

/* A file has been closed, or a call has returned. */
static void on_returned(void *user, uint64_t slot)
{
    struct loop_items *items = user;

    items->ended(items->user, slot);
}

/* ---- Beginning and end ------------------------------------------------------------------- */

/* What computes is made here, by the loop's thread: the chain of another would lie too near. */
static int init_computing(struct loop_items *items, uv_loop_t *loop)
{
    const struct computation *what = &items->workload->computation;

    if (!work_computes(items->workload->work))
        return 0;
    if (what->where == COMPUTE_LOOP)
        return computer_init(&items->computer, what, &items->recorder->queue.stop);
    items->pieces = calloc(items->workload->concurrency, sizeof(*items->pieces));
    return items->pieces != NULL ? offload_attach(&items->share->offload, loop, on_computed, items)
                                 : -ENOMEM;
}

static int init_requests(struct loop_items *items, uv_loop_t *loop)
{
    uint64_t slots = items->workload->concurrency;
    int error = curl_loop_init(&items->transfers, loop, share_of(items, slots - 1) + 1, (long)slots,
                               on_transfer_end, items);

    if (error < 0)
        return error;
    items->requests = calloc(slots, sizeof(*items->requests));
    if (items->requests != NULL)
        return 0;
    curl_loop_term(&items->transfers);
    return -ENOMEM;
}

int loop_items_init(struct loop_items *items, uv_loop_t *loop, const struct workload *w,
                    struct recorder *r, void (*ended)(void *user, uint64_t slot), void *user)
{
    int error;

    *items = (struct loop_items){.workload = w,
                                 .recorder = r,
                                 .share = w->share,
                                 .waiting = {.timer = {.fd = -1}},
                                 .ended = ended,
                                 .user = user};
    error = pulse_start(&items->pulse, loop, work_computes(w->work) || workload_calls(w));
    if (error < 0)
        return error;
    if (w->blocking != BLOCKING_NONE)
        error = job_loop_new(&items->jobs, loop, w, r, on_returned, items);
    else if (workload_talks(w))
        error = talk_loop_init(&items->talks, loop, w, r, on_talk_end, items);
    else if (work_requests(w->work))
        error = init_requests(items, loop);
    if (error == 0)
        error = init_computing(items, loop);
    if (error == 0 && r->queue.due_ns != NULL)
        error = due_slots_init(&items->waiting, loop, w->concurrency, on_due, items);
    if (error < 0)
        loop_items_term(items);
    return error;
}

int loop_items_open(struct loop_items *items, uint64_t slot)
{
    struct request *request;
    int error;

    pulse_enter(&items->pulse, ACTIVITY_STARTING, 0);
    if (items->requests == NULL)
        return 0;
    request = &items->requests[slot];
    error = request_init(request, items->workload, items->recorder);
    if (error == 0)
        curl_loop_prepare(&items->transfers, request->easy);
    return error;
}

void loop_items_close(struct loop_items *items, uint64_t slot)
{
    if (items->requests != NULL)
        request_term(&items->requests[slot]);
    if (items->talks.talkers != NULL)
        talk_loop_close(&items->talks, slot);
}

/* A slot that waits has no request under way. One whose answer is being computed from has ended,
 * but for its record. */
static void cancel_requests(struct loop_items *items)
{
    struct due_slot waits;

    while (due_slots_take(&items->waiting, &waits))
        loop_items_close(items, waits.slot);
    for (uint64_t slot = 0; slot < items->workload->concurrency; slot++) {
        struct request *request = &items->requests[slot];

        if (request->workload == NULL || (items->pieces != NULL && items->pieces[slot].busy))
            continue;
        curl_loop_remove(&items->transfers, share_of(items, slot), request->easy);
        request_end(request, CURLE_ABORTED_BY_CALLBACK);
    }
}

static void ignore(void *user, uint64_t slot)
{
    (void)user, (void)slot;
}

void loop_items_term(struct loop_items *items)
{
    pulse_stop(&items->pulse);
    items->share->heart = items->pulse.heart;
    items->ended = ignore;
    if (items->requests != NULL)
        cancel_requests(items);
    if (items->pieces != NULL)
        offload_cancel(&items->share->offload, items->pieces, items->workload->concurrency);
    job_loop_free(items->jobs);
    for (uint64_t slot = 0; slot < items->workload->concurrency; slot++)
        loop_items_close(items, slot);
    due_slots_term(&items->waiting);
    talk_loop_term(&items->talks);
    if (items->requests != NULL)
        curl_loop_term(&items->transfers);
    computer_term(&items->computer);
    free(items->pieces);
    free(items->requests);
}
