/* Command lines from tables, on argp: one row says how an option is read, where its value goes and
 * what --help says of it. -h, --help, --usage, -V and --version are every program's.
 *
 * What is wrong ends the program with status 2 and a message that names the option and shows how to
 * write it. A program that would end with 0 or 1 ends with 1 and a message where what it has
 * printed could not be written; without one where its reader has gone (EPIPE). */
#ifndef COMMON_COMMAND_LINE_H
#define COMMON_COMMAND_LINE_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_kind {
    OPTION_GROUP,   /* no option: a heading of --help, which `help` says */
    OPTION_FLAG,    /* sets a bool */
    OPTION_TEXT,    /* … a const char * */
    OPTION_TIME,    /* … a uint64_t in nanoseconds, from `min` on */
    OPTION_NUMBER,  /* … a uint64_t from `min` to `max` */
    OPTION_WORD,    /* … an int, or an enum: the place among `words`, which end with NULL */
    OPTION_SPECIAL, /* calls set() */
    OPTION_IGNORED, /* taken, and of no use here */
};

struct option_row {
    const char *name;
    int letter; /* 0: none */
    enum option_kind kind;
    size_t offset; /* of what it sets, in the program's own struct */
    const char *argument, *help;
    uint64_t min, max;
    const char *const *words;
    void (*set)(struct argp_state *state, const char *text, void *options);
    unsigned feature;      /* what the program must have, else the option is not shown, … */
    const char *elsewhere; /* … and refused with the name of who has it */
};

struct command_line {
    const char *program;
    const char *libraries;       /* behind the version, or NULL */
    const char *arguments;       /* for --help; NULL: it takes none */
    const char *summary;         /* above the options; like examples and statuses never NULL */
    const char *details;         /* below them, or NULL; then come the examples and the statuses */
    const char *const *examples; /* arguments, behind the program's name; NULL at the end */
    const char *statuses;        /* "0 all went well; 1 …" */
    const struct option_row *rows;
    size_t count;
    unsigned features; /* that the program has */
    void *options;     /* the program's own struct */

    /* Takes an argument that is no option; NULL: there is none to take. */
    void (*take)(struct argp_state *state, const char *text, void *options);

    /* Checks and completes what depends on several options, at the end; or NULL. */
    void (*complete)(struct argp_state *state, void *options);
};

/* Reads the command line, for the whole program, once. Ends the program with 0 after --help and
 * --version, with 2 where something is wrong. What `options` points to afterwards may be of argv.
 */
void command_line_parse(const struct command_line *line, int argc, char **argv);

/* In set(), take() and complete(): whether the option of that name has been given so far. */
bool command_line_given(const struct argp_state *state, const char *name);

/* For set(): the number that `text` says, from `min` to `max`, with the messages of OPTION_NUMBER.
 */
uint64_t command_line_number(struct argp_state *state, const char *name, const char *text,
                             uint64_t min, uint64_t max);

#endif
