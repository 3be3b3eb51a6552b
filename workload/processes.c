#include "workload/processes.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/child.h"
#include "workload/loops.h"
#include "workload/raw.h"

/* In a shared mapping: what a process leaves. */
struct one_process {
    pid_t pid;
    int error;
    struct heartbeat heart; /* of all its loops */
};

void processes_host(const struct workload *w, uint64_t index, char host[PROCESSES_HOST_SIZE])
{
    const struct addresses *to = &w->addresses;

    snprintf(host, PROCESSES_HOST_SIZE, "%s%u", to->network,
             to->first + (unsigned)(index % to->count));
}

char *processes_url(const struct workload *w, uint64_t index)
{
    char host[PROCESSES_HOST_SIZE];

    processes_host(w, index, host);
    return raw_url_at(w->url, host);
}

/* In the process. */
static int run_share(const struct workload *w, struct recorder *r, uint64_t index,
                     struct heartbeat *heart)
{
    struct workload share = *w;
    uint64_t addresses = w->addresses.count;
    char *url = addresses > 0 ? processes_url(w, index) : NULL;
    int error = addresses == 0 || url != NULL ? 0 : -ENOMEM;

    share.concurrency = loops_part(w->concurrency, w->processes, index);
    for (uint64_t i = 0; i < index; i++)
        share.first_slot += loops_part(w->concurrency, w->processes, i);
    if (addresses > 0)
        share.url = url;
    if (addresses > 0 && w->target != NULL)
        share.target = w->target + index % addresses;
    if (error == 0)
        error = loops_run(&share, r, heart);
    curl_free(url);
    return error;
}

static int start(struct one_process *all, const struct workload *w, struct recorder *r,
                 uint64_t index)
{
    pid_t pid = child_fork(SIGKILL);

    if (pid < 0)
        return -errno;
    if (pid == 0) {
        all[index].error = run_share(w, r, index, &all[index].heart);
        if (all[index].error < 0)
            stop_ask(&r->queue.stop);
        _exit(0);
    }
    all[index].pid = pid;
    return 0;
}

int processes_run(const struct workload *w, struct recorder *r)
{
    size_t size = w->processes * sizeof(struct one_process);
    struct one_process *all =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int error = 0;

    if (all == MAP_FAILED)
        return -ENOMEM;
    if (w->processes == 1)
        all[0].error = run_share(w, r, 0, &all[0].heart);
    for (uint64_t i = 0; w->processes > 1 && i < w->processes && error == 0; i++)
        error = start(all, w, r, i);
    if (error < 0)
        stop_ask(&r->queue.stop);
    for (uint64_t i = 0; i < w->processes; i++) {
        if (all[i].pid > 0)
            child_wait(all[i].pid);
        if (all[i].error < 0)
            error = all[i].error;
        if (i > 0)
            heartbeat_merge(&all[0].heart, &all[i].heart);
    }
    if (error == 0)
        heartbeat_summarise(&all[0].heart, &r->loop);
    munmap(all, size);
    return error;
}
