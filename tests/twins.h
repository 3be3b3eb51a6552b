/* The programs that honour the lane contract, in all languages: where they are, what they can do,
 * and what must be installed for them. */
#ifndef TESTS_TWINS_H
#define TESTS_TWINS_H

#include <stdbool.h>

enum twin_works {
    DOES_IO = 1,
    DOES_CPU = 2,
    DOES_MIXED = 4,
    DOES_SLEEP = 8,
    DOES_WEBSOCKET = 16, /* lanes in C have tests of their own for it */
};

struct twin {
    const char *name;      /* as its results say */
    const char *program;   /* of this build; or NULL */
    const char *client;    /* of --client; NULL: the default, and the only one of a twin */
    const char *option;    /* that it is always given; NULL: none */
    const char *script;    /* in the sources; or NULL */
    const char *package;   /* Debian's, without which it cannot run; NULL: comes with the suite */
    unsigned works;        /* of enum twin_works */
    bool sequential;       /* takes no -c but 1 */
    bool spares_files;     /* needs no descriptor for each of C in any process */
    bool takes_cut_header; /* for whole, as Python's http.client does */
    bool deaf;             /* hears no signal in the middle of an item that its loop computes */
    bool opens_freely;     /* a library without a limit may open more than C connections */
    bool sends_again;      /* its library does, where a kept connection was closed */
    bool has_loop;         /* reports the health of its event loop */
};

/* The one of this name; NULL: there is none. */
const struct twin *twin_find(const char *name);

/* Its name in results: of a lane that stands here once more with another client, the lane's. */
const char *twin_lane(const struct twin *twin);

/* Path of the program, in static storage, four at a time. */
const char *twin_path(const struct twin *twin);

/* Whether it can be started here, with all it needs: what `--version` says. */
bool twin_is_installed(const struct twin *twin);

/* Whether it also has the library that it takes for WebSockets; true of one that does not do them.
 * What is missing, and how to install it, is said on standard output. */
bool twin_has_websockets(const struct twin *twin);

#endif
