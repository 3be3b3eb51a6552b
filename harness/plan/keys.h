/* The keys of a plan (bench.plan/1). schemas/plan.json, which is built in, says of each what it is
 * called, where it may stand, what it may hold, of which kinds of work it says something, what the
 * lane's command line and run.json call it, and what it means. Reading, errors, commands and
 * run.json come from it, and by tools/schemas the tables of harness/plans/README.md. */
#ifndef HARNESS_PLAN_KEYS_H
#define HARNESS_PLAN_KEYS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/error.h"
#include "harness/plan/plan.h"

/* Where a key may stand, and what the values go to. */
enum key_section {
    KEYS_PLAN = 1,   /* the plan itself: struct plan */
    KEYS_SERVER = 2, /* its `server`: struct plan */
    KEYS_MEMORY = 4, /* its `memory`: struct plan */
    KEYS_LANE = 8,   /* an entry of its `lanes`: struct lane */
    KEYS_CELL = 16,  /* an entry of its `cells`: struct cell */
    KEYS_PASS = 32,  /* an entry of the cells of `memory`: struct cell */
};

enum key_type {
    KEY_OWN,    /* read by code of its own */
    KEY_TEXT,   /* const char *: of at most `max` bytes where it is not 0, like `pattern` */
    KEY_WORD,   /* const char *: one of `words` */
    KEY_CHOICE, /* enum work_kind: one of `words` */
    KEY_COUNT,  /* uint64_t */
    KEY_CORES,  /* uint64_t: a count, or by the cores of this machine */
    KEY_TIME,   /* uint64_t, ns */
    KEY_SPEC,   /* struct cell_latency */
    KEY_SHARE,  /* double */
    KEY_BOOL,   /* bool */
    KEY_TEXTS,  /* const json_t *: array */
};

#define KEYS_MAX 64

struct key {
    const char *name;
    unsigned sections; /* of enum key_section */
    enum key_type type;
    size_t offset;       /* of the value in its structure */
    uint64_t min, max;   /* of counts and times; of shares in percent */
    const json_t *words; /* array of those that it may be; of texts the options among them */
    const char *pattern; /* an extended regular expression, or NULL */
    const char *must;    /* what it must be; NULL: the rest says it */
    const char *such;    /* examples of a count, or NULL */
    const char *most;    /* the largest time or share */
    bool needed;         /* where it says something */
    bool list;           /* may be a list, for one cell with each value */
    unsigned kinds;      /* of work that it says something of, as bits; 0: all */
    const char *model;   /* only lanes that follow it take it; NULL: all do */
    const char *option;  /* of the lane's command line, or NULL */
    int64_t silent;      /* the option is given for what is larger */
    const char *json;    /* name in the cells of run.json, or NULL */
};

/* All of them; lists turn in this order, the first one slowest. */
extern struct key keys[];
extern const size_t keys_count;

/* The key of that name in that section, or NULL. */
const struct key *keys_find(unsigned section, const char *name);

/* Whether it says something of a cell with that kind of work. */
bool keys_apply(const struct key *key, enum work_kind kind);

/* Checks that `value` is an object with no keys but those of the section. Returns whether it is. */
bool keys_check(const struct reader *at, const json_t *value, unsigned section);

/* Reads one value into its place in `target`, which stays as it is where `value` is NULL; reports
 * what is wrong or missing. */
void keys_take(const struct reader *at, const struct key *key, const json_t *value, void *target);

/* Likewise, all keys of an object in the section `section` that are no cells' keys. */
void keys_read(const struct reader *at, const json_t *object, unsigned section, void *target);

/* Reads the option --NAME of bench, with the meaning of the plan's key. Returns 0, or -EINVAL with
 * the reason in `error`. `text` must outlive the plan. */
int keys_parse(unsigned section, const char *name, const char *text, struct plan *plan,
               struct error *error);

/* The value of a cell's key as the lane's command line has it, in `text` of UNITS_TEXT_SIZE bytes
 * or elsewhere; NULL where the option is not given, "" where it takes none. */
const char *keys_argument(const struct key *key, const struct cell *cell, char *text);

/* Sets what run.json says of the cell, the keys `from` to `to`, null where a key says nothing. */
void keys_describe(const struct cell *cell, const char *from, const char *to, json_t *value);

#endif
