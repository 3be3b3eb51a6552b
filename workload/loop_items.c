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
        before = pulse_enter(&items->pulse, ACTIVITY_COMPUTING, id);
        computed = computer_run(&items->computer);
        pulse_enter(&items->pulse, before, 0);
    }
    recorder_end(items->recorder, id, outcome_of_computing(computed), 0);
    return false;
}

/* Ends the request of a slot, and computes what is to be computed on its answer. Returns as
 * loop_items_begin(). */
static bool end_request(struct loop_items *items, struct request *request, CURLcode code)
{
    return request_end(request, code) &&
           compute(items, (uint64_t)(request - items->requests), request->id);
}

/* Of the transfers. */
static unsigned share_of(uint64_t slot)
{
    return (unsigned)(slot / CURL_LOOP_SHARE);
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
    if (items->talks != NULL)
        return talk_loop_begin(&items->talking, items->talks[slot], slot, id);
    if (items->requests == NULL)
        return compute(items, slot, id);
    request = &items->requests[slot];
    if (request_begin(request, id) < 0)
        return false;
    if (items->workload->target != NULL)
        return talk_loop_begin(&items->talking, &request->raw.talk, slot, id) ||
               end_request(items, request, request->exchange.code);
    return curl_loop_add(&items->transfers, share_of(slot), request->easy) == 0 ||
           end_request(items, request, CURLE_OUT_OF_MEMORY);
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

    if (due_ns <= clock_ns())
        return begin(items, slot, id);
    due_slots_add(&items->waiting, &(struct due_slot){slot, id, due_ns});
    return true;
}

/* The answer is there, or never will be. */
static void on_answer(struct loop_items *items, struct request *request, CURLcode code)
{
    if (!end_request(items, request, code))
        items->ended(items->user, (uint64_t)(request - items->requests));
}

static void on_transfer_end(void *user, CURL *easy, CURLcode code)
{
    struct request *request;

    curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&request);
    on_answer(user, request, code);
}

static void on_talk_end(void *user, struct talk *talk)
{
    struct loop_items *items = user;

    if (items->talks != NULL)
        items->ended(items->user, talk->slot);
    else
        on_answer(items, &items->requests[talk->slot], items->requests[talk->slot].exchange.code);
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

/* Whether the items are talks, of the raw client at least. */
static bool talks(const struct workload *w)
{
    return w->target != NULL || work_talks(w->work);
}

static int init_client(struct loop_items *items, uv_loop_t *loop)
{
    const struct workload *w = items->workload;

    if (talks(w))
        return talk_loop_init(&items->talking, loop, on_talk_end, items);
    return curl_loop_init(&items->transfers, loop, share_of(w->concurrency - 1) + 1,
                          (long)w->concurrency, on_transfer_end, items);
}

static void term_client(struct loop_items *items)
{
    if (talks(items->workload))
        talk_loop_term(&items->talking);
    else
        curl_loop_term(&items->transfers);
}

/* What is there for each slot. */
static int init_slots(struct loop_items *items, uv_loop_t *loop)
{
    const struct workload *w = items->workload;

    if (w->blocking != BLOCKING_NONE)
        return job_loop_new(&items->jobs, loop, w, items->recorder, on_returned, items);
    if (work_talks(w->work)) {
        items->talks = calloc(w->concurrency, sizeof(struct talk *));
        return items->talks != NULL ? 0 : -ENOMEM;
    }
    if (!work_requests(w->work))
        return 0;
    items->requests = calloc(w->concurrency, sizeof(*items->requests));
    return items->requests != NULL ? 0 : -ENOMEM;
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
    error = init_client(items, loop);
    if (error < 0)
        return error;
    error = pulse_start(&items->pulse, loop, work_computes(w->work) || workload_calls(w));
    if (error < 0)
        goto term_client;
    error = init_slots(items, loop);
    if (error == 0)
        error = init_computing(items, loop);
    if (error == 0 && r->queue.due_ns != NULL)
        error = due_slots_init(&items->waiting, loop, w->concurrency, on_due, items);
    if (error < 0)
        loop_items_term(items);
    return error;

term_client:
    term_client(items);
    return error;
}

int loop_items_open(struct loop_items *items, uint64_t slot)
{
    struct request *request;
    int error;

    pulse_enter(&items->pulse, ACTIVITY_STARTING, 0);
    if (items->talks != NULL)
        items->talks[slot] = talk_new(items->workload, items->recorder);
    if (items->talks != NULL && items->talks[slot] == NULL)
        return -ENOMEM;
    if (items->requests == NULL)
        return 0;
    request = &items->requests[slot];
    error = request_init(request, items->workload, items->recorder);
    if (error == 0 && request->easy != NULL)
        curl_loop_prepare(&items->transfers, request->easy);
    return error;
}

void loop_items_close(struct loop_items *items, uint64_t slot)
{
    if (items->requests != NULL)
        request_term(&items->requests[slot]);
    if (items->talks != NULL) {
        talk_free(items->talks[slot]);
        items->talks[slot] = NULL;
    }
}

/* One whose answer is being computed from has ended, but for its record. */
static void cancel_request(struct loop_items *items, uint64_t slot)
{
    struct request *request = &items->requests[slot];

    if (request->workload == NULL || (items->pieces != NULL && items->pieces[slot].busy))
        return;
    if (request->easy != NULL)
        curl_loop_remove(&items->transfers, share_of(slot), request->easy);
    else
        talk_loop_remove(&items->talking, &request->raw.talk);
    request_end(request, CURLE_ABORTED_BY_CALLBACK);
}

/* A slot that waits has nothing under way. */
static void cancel_all(struct loop_items *items)
{
    struct due_slot waits;

    while (due_slots_take(&items->waiting, &waits))
        loop_items_close(items, waits.slot);
    for (uint64_t slot = 0; slot < items->workload->concurrency; slot++)
        if (items->requests != NULL)
            cancel_request(items, slot);
        else if (items->talks != NULL && items->talks[slot] != NULL)
            talk_loop_remove(&items->talking, items->talks[slot]);
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
    cancel_all(items);
    if (items->pieces != NULL)
        offload_cancel(&items->share->offload, items->pieces, items->workload->concurrency);
    job_loop_free(items->jobs);
    for (uint64_t slot = 0; slot < items->workload->concurrency; slot++)
        loop_items_close(items, slot);
    due_slots_term(&items->waiting);
    term_client(items);
    computer_term(&items->computer);
    free(items->pieces);
    free(items->requests);
    free(items->talks);
}
