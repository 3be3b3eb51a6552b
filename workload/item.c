#include "workload/item.h"

int item_init(struct item *item, const struct workload *w, struct recorder *r)
{
    int error;

    *item = (struct item){.work = w->work, .recorder = r};
    error = computer_init(&item->computer, w, r);
    if (error < 0 || w->work == WORK_CPU)
        return error;
    error = request_init(&item->request, w, r);
    if (error < 0)
        computer_term(&item->computer);
    return error;
}

void item_term(struct item *item)
{
    if (item->work != WORK_CPU)
        request_term(&item->request);
    computer_term(&item->computer);
}

void item_perform(struct item *item, uint64_t id)
{
    if (item->work == WORK_CPU || request_perform(&item->request, id))
        recorder_end(item->recorder, id, computer_run(&item->computer), 0);
}
