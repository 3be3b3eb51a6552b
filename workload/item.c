#include "workload/item.h"

int item_init(struct item *item, const struct workload *w, struct recorder *r, uint32_t worker)
{
    int error = 0;

    *item = (struct item){.worker = worker, .work = w->work, .recorder = r};
    if (w->work != WORK_IO)
        error = computer_init(&item->computer, &w->computation, &r->queue.stop);
    if (error == 0 && w->work != WORK_CPU)
        error = request_init(&item->request, w, r);
    if (error < 0)
        item_term(item);
    return error;
}

void item_term(struct item *item)
{
    request_term(&item->request);
    computer_term(&item->computer);
}

void item_perform(struct item *item, uint64_t id)
{
    if (!queue_wait(&item->recorder->queue, id))
        return;
    recorder_start(item->recorder, id, item->worker);
    if (item->work == WORK_CPU || request_perform(&item->request, id))
        recorder_end(item->recorder, id, outcome_of_computing(computer_run(&item->computer)), 0);
}
