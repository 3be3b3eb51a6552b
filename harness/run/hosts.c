/* Cells on several hosts: dist/lanes.sh starts the lane there, and is one itself to who runs it.
 * The mock server stays here, on an address that the hosts reach. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/path.h"
#include "harness/run/session.h"

#define CHECK_LIMIT_NS (20 * NS_PER_S)

/* Why a cell is not for several hosts, or NULL. */
static const char *refusal(const struct cell *cell)
{
    if (cell->memory)
        return "memory is measured where bench runs: leave --hosts out";
    if (strcmp(cell->lane->language, "c") != 0 || cell_follows(cell, "sync"))
        return "only lanes in C with several requests at once share them out among hosts";
    if (cell->work.kind != CELL_IO && cell->work.kind != CELL_WEBSOCKET)
        return "only requests are shared out among hosts";
    return cell->rate > 0 ? "an open load is not shared out among hosts" : NULL;
}

int session_prepare_hosts(struct session *session, struct error *error)
{
    struct bench *bench = &session->bench;
    const char *argv[] = {bench->launcher, bench->hosts, NULL};
    struct process process;
    int status;

    if (session->options->hosts == NULL)
        return 0;
    path_join(bench->launcher, session->suite->root, "dist/lanes.sh");
    if (realpath(session->options->hosts, bench->hosts) == NULL)
        return error_set(error, -errno, "--hosts %.200s: %s", session->options->hosts,
                         strerror(errno));
    status = process_run(&process, argv, PROCESS_CAPTURE_ALL, CHECK_LIMIT_NS, error);
    if (status > 0)
        return error_set(error, -ENOTSUP, "--hosts: %.300s", process.text);
    bench->server.size.listen = session->options->listen;
    for (size_t i = 0; status == 0 && i < session->plan.cell_count; i++)
        if (!session->skipped[i] && refusal(&session->plan.cells[i]) != NULL)
            session_skip(session, &session->plan.cells[i], refusal(&session->plan.cells[i]));
    return status;
}
