/* What a lane leaves behind: a line of JSON, a summary, an exit status. Each function says on
 * stderr what did not work, and returns 0 or a negative errno. */
#ifndef WORKLOAD_DELIVER_H
#define WORKLOAD_DELIVER_H

#include <jansson.h>
#include <stdbool.h>

/* How every lane ends. */
enum lane_status {
    STATUS_OK = 0,       /* all requests ok */
    STATUS_FAILURES = 1, /* the run finished, and some requests failed */
    STATUS_USAGE = 2,
    STATUS_LIMITS = 3,        /* the machine forbids the run */
    STATUS_INTERRUPTED = 130, /* the result is partial */
};

/* Says on stderr that `what` failed with `error`, a negative errno, and the limit that it may come
 * from; nothing where it is 0. Returns `error`. */
int deliver_complain(const char *what, int error);

/* Whether `path` can be appended to; NULL: there is nothing to write. */
int deliver_check(const char *path);

/* Appends `json` as one line, and gives the reference away; NULL is no memory. */
int deliver_line(const char *path, json_t *json);

/* How the lane ends. `ran`: the model could run; `complete`: every request ended well, and all that
 * was asked for was delivered. */
enum lane_status deliver_status(bool interrupted, bool ran, bool complete);

/* The summary has been printed. One that nobody can read, as the disk is full, is a failure too. */
int deliver_summary(void);

#endif
