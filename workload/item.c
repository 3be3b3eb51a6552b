#include "workload/item.h"

#include <errno.h>

int item_init(struct item *item, const struct workload *w, struct recorder *r, uint32_t worker)
{
    int error = 0;

    *item = (struct item){.worker = worker, .workload = w, .recorder = r};
    if (work_computes(w->work))
        error = computer_init(&item->computer, &w->computation, &r->queue.stop);
    if (error == 0 && work_requests(w->work) && !workload_talks(w))
        error = request_init(&item->request, w, r);
    if (workload_talks(w) && (item->talk = talk_new(w, r)) == NULL)
        error = -ENOMEM;
    if (error < 0)
        item_term(item);
    return error;
}

void item_term(struct item *item)
{
    request_term(&item->request);
    computer_term(&item->computer);
    talk_free(item->talk);
}

void item_perform(struct item *item, uint64_t id)
{
    if (!queue_wait(&item->recorder->queue, id))
        return;
    recorder_start(item->recorder, id, item->worker);
    item_finish(item, id);
}

void item_finish(struct item *item, uint64_t id)
{
    bool computes = item->workload->work == WORK_CPU;

    if (item->workload->work == WORK_FILE)
        file_perform(item->workload, item->recorder, id);
    else if (item->talk != NULL)
        computes = talk_perform(item->talk, id);
    else if (!computes)
        computes = request_perform(&item->request, id);
    if (computes)
        recorder_end(item->recorder, id, outcome_of_computing(computer_run(&item->computer)), 0);
}
