/* How well an event loop keeps up, from times alone: nothing here reads a clock or knows the loop.
 *
 * A heartbeat is due every HEARTBEAT_NS on a fixed grid; how late each of them comes is what the
 * loop makes everybody else wait. While something blocks the loop, no beat comes at all: those that
 * it swallowed count all the same, each as late as the rest of the block. So a block of one second
 * is a hundred late beats, and not one.
 *
 * A block is the time from one wait of the loop to the next: nothing new is seen meanwhile. The
 * longest is known by what took most of it. */
#ifndef COMPUTE_HEARTBEAT_H
#define COMPUTE_HEARTBEAT_H

#include <stdint.h>

#define HEARTBEAT_NS 10000000ULL

/* The histogram of lateness: HEARTBEAT_STEPS equal buckets an octave, so that a value is known to
 * 3 %; all that is below 1 us falls into the first, and 2^41 ns (37 minutes) and more into the
 * last.
 */
#define HEARTBEAT_UNIT_BITS  10 /* 2^10 ns */
#define HEARTBEAT_STEP_BITS  5
#define HEARTBEAT_STEPS      (1U << HEARTBEAT_STEP_BITS)
#define HEARTBEAT_VALUE_BITS 41
#define HEARTBEAT_BUCKETS                                                                          \
    ((HEARTBEAT_VALUE_BITS - HEARTBEAT_UNIT_BITS - HEARTBEAT_STEP_BITS + 1) * HEARTBEAT_STEPS)

/* What a model reports of its loops. */
struct loop_health {
    uint64_t heartbeat_ns; /* a heartbeat is due every so often; 0: the model has no loop */
    uint64_t heartbeats;   /* that were due; of all loops together */
    uint64_t lateness_p50_ns, lateness_p99_ns, lateness_max_ns;
    uint64_t longest_block_ns;
    char longest_block[48]; /* what blocked: "computing item 17"; "": not known */
};

/* What a loop does while it does not wait. */
enum activity {
    ACTIVITY_TRANSFERS, /* all that is not said to be something else */
    ACTIVITY_STARTING,
    ACTIVITY_CALLING, /* what blocks, waiting and all */
    ACTIVITY_COMPUTING,
    ACTIVITY_COUNT
};

/* A stretch of time without a wait, by what it was spent on. */
struct block {
    uint64_t spent_ns[ACTIVITY_COUNT];
    uint64_t items;    /* that were computed */
    uint64_t first_id; /* of them */
};

struct heartbeat {
    uint64_t due_ns; /* of the next beat */
    uint64_t beats;
    uint64_t lateness_max_ns;
    uint32_t counts[HEARTBEAT_BUCKETS];

    enum activity activity;
    uint64_t since_ns;  /* when that began */
    uint64_t wait_ns;   /* when the last wait began */
    uint64_t waited_ns; /* in all, until then */
    struct block block; /* since then */
    struct block longest;
};

/* Begins the grid: the first beat is due HEARTBEAT_NS after `now_ns`. */
void heartbeat_start(struct heartbeat *h, uint64_t now_ns);

/* Counts all beats that were due by `now_ns`. Called as soon as the loop can, and at its end. */
void heartbeat_beat(struct heartbeat *h, uint64_t now_ns);

/* The same where no timer calls for beats: those that were due while the loop waited were in time,
 * for it would have been woken at once, and the others are late until now. Called when the loop is
 * about to wait again, or at its end, before heartbeat_wait() with the same times. */
void heartbeat_infer(struct heartbeat *h, uint64_t now_ns, uint64_t waited_ns);

/* From `now_ns` on the loop does this, until the next call; computing is that of the item `id`.
 * Returns what it did before, to go back to. */
enum activity heartbeat_enter(struct heartbeat *h, enum activity activity, uint64_t id,
                              uint64_t now_ns);

/* A block has ended: the loop is about to wait. Since the start it has waited for `waited_ns`, all
 * of it while its activity was ACTIVITY_TRANSFERS. */
void heartbeat_wait(struct heartbeat *h, uint64_t now_ns, uint64_t waited_ns);

/* Adds what another loop has seen. */
void heartbeat_merge(struct heartbeat *h, const struct heartbeat *other);

/* What the lane reports. */
void heartbeat_summarise(const struct heartbeat *h, struct loop_health *health);

#endif
