/* A simulated global interpreter lock: of all threads, one computes at a time.
 *
 * The algorithm is CPython's since 3.2 (take_gil and drop_gil in Python/ceval_gil): a thread that
 * waits for the lock waits the switch interval of 5 ms; if the lock has not changed hands by then,
 * it asks the holder to let go. The holder sees that at its next check, lets go, and waits until
 * another thread has the lock (forced switching), so that it cannot take it back at once. A thread
 * that waits for anything else, such as an answer, does not hold it.
 *
 * What differs: CPython checks between instructions of bytecode (in newer versions at jumps back
 * and at calls), here gil_check() is called every so many rounds of the hash chain, about each
 * 50 us. CPython holds its lock for all that the interpreter does, here it covers computing only:
 * libcurl, an event loop and the records run beside it. And CPython's hashlib lets go while it
 * hashes more than 2047 bytes at once, so that there threads do compute in parallel with large
 * blocks; here they never do. */
#ifndef COMPUTE_GIL_H
#define COMPUTE_GIL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define GIL_SWITCH_INTERVAL_NS 5000000ULL

/* `mutex` guards all but `drop_request`, which is also read without it. */
struct gil {
    pthread_mutex_t mutex;
    pthread_cond_t released; /* nobody holds the lock */
    pthread_cond_t switched; /* it went to another thread */
    bool held;
    pthread_t last;    /* who holds it, or held it last; nobody's before the first switch */
    uint64_t switches; /* how often it went to another thread than `last` */
    _Atomic bool drop_request;
};

/* Returns 0 or -ENOMEM. */
int gil_init(struct gil *g);
void gil_term(struct gil *g);

/* Takes the lock, and waits for it where another thread has it. */
void gil_take(struct gil *g);

/* Gives the lock up; where a thread has asked for that, waits until one has taken it. */
void gil_release(struct gil *g);

/* Hands the lock over if a thread has asked for that. To be called often by its holder. */
void gil_check(struct gil *g);

#endif
