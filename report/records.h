/* The records of one execution: what was seen of each request (records/<cell>.csv). */
#ifndef REPORT_RECORDS_H
#define REPORT_RECORDS_H

#include <stddef.h>

/* Seconds since the start of the model; NAN: this never happened. */
struct record {
    double start, connected, first_byte, end;
};

struct records {
    struct record *rows; /* in the order of their start */
    size_t count;
    double end; /* of the last request */
};

/* Reads the records of the cell `id` of the run folder `folder`; rows without a sane start and end
 * are left out. Returns 0, to be freed with records_free(); or -ENOENT (there are none), -EINVAL
 * (an id that is no file name, no such table, or no row of use), -EFBIG, -ENOMEM. */
int records_load(struct records *records, const char *folder, const char *id);
void records_free(struct records *records);

/* Whether `id` can be the name of a file: letters, digits, "-", "_", "." within. */
int records_is_name(const char *id);

/* Fills in_flight[] and waiting[] for `count` > 1 moments spread evenly from 0 to the end of the
 * last request: requests between their start and their end, and those of them that wait for the
 * answer on a connection that stands. */
void records_in_flight(const struct records *records, size_t count, double *in_flight,
                       double *waiting);

/* Seconds after which `count` requests had a connection, or NAN where fewer ever had. */
double records_connected_after(const struct records *records, size_t count);

/* Seconds after which the first answer began, or NAN. */
double records_first_answer(const struct records *records);

#endif
