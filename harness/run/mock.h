/* The mock server of a run: started on a free port, asked for its counters, restarted where it has
 * died, and stopped at the end. */
#ifndef HARNESS_RUN_MOCK_H
#define HARNESS_RUN_MOCK_H

#include <jansson.h>
#include <stdbool.h>

#include "common/error.h"
#include "common/process/process.h"
#include "harness/plan/cell.h"
#include "harness/run/cluster.h"

/* Most of what the cells take of it. */
struct mock_size {
    const char *listen; /* an address that other hosts reach; NULL: loopback, of which */
    uint64_t addresses; /* … so many, from 127.0.0.1 on */
    uint64_t in_flight;
};

/* Ports of a server for other hosts, which take turns: beyond loopback the kernel does not give out
 * a client's port again for a minute after its connection has ended. */
#define MOCK_PORTS 4

struct mock {
    struct process process;
    struct mock_size size;   /* set before it is started */
    const char *program;     /* not owned */
    const json_t *arguments; /* array of further arguments, or NULL; not owned */
    char url[256]; /* "http://127.0.0.1:PORT"; of a server that is not ours that of a request */
    char urls[MOCK_PORTS][256]; /* for other hosts */
    unsigned turn;
    const char *files;       /* folder of the mock file system, or NULL; not owned */
    struct cluster *cluster; /* in whose place PostgreSQL is asked, of queries; NULL: there are
                                none, not owned */
    uint64_t resets;         /* of its counters, when they were last reset here */
    bool external;           /* it is not ours: not started, and without counters */
};

/* Starts `program` and waits until it says that it listens, and answers; with a file system at
 * `files` (NULL: without), in a namespace of mounts of this process. Returns 0; or a negative
 * errno with the reason in `error`, and nothing runs (-EINTR: asked to stop).
 */
int mock_start(struct mock *server, const char *program, const json_t *arguments, const char *files,
               struct error *error);

/* Uses a server that is not ours, with requests to `url`, in place of one that is started. */
void mock_use(struct mock *server, const char *url);

/* Starts it, or the cluster where that is what `work` takes, again where it has ended. Returns 0
 * where it was running, 1 where it had ended and has been restarted (how it ended is in `error`),
 * or a negative errno as mock_start(). */
int mock_ensure(struct mock *server, enum work_kind work, struct error *error);

/* Sets the counters of what `work` takes to 0, and learns how often that was done by anybody.
 * Returns 0 or a negative errno with the reason in `error`. */
int mock_reset(struct mock *server, enum work_kind work, struct error *error);

/* Where the items of the cell are: the server's URL, for other hosts one after the other, the
 * folder of its files, or the cluster's URL. */
const char *mock_place(struct mock *server, const struct cell *cell);

/* The counters, mockserver.stats/1, with those of the files in place of the requests' where `work`
 * is to read them; of queries the cluster's: a new reference, or NULL with the reason in `error`;
 * of a server that is not ours, a new reference to null. */
json_t *mock_stats(const struct mock *server, enum work_kind work, struct error *error);

/* Ends the server, politely at first. */
void mock_stop(struct mock *server);

#endif
