/* teach: what its commands share. */
#ifndef TEACH_TEACH_H
#define TEACH_TEACH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "common/error.h"
#include "harness/suite.h"
#include "teach/lesson.h"
#include "teach/measured.h"

enum teach_status {
    TEACH_OK = 0,
    TEACH_OTHERWISE = 1, /* a measurement contradicts what a lesson says */
    TEACH_USAGE = 2,
    TEACH_MACHINE = 3, /* something is not here */
    TEACH_INTERRUPTED = 130,
};

#define TEACH_WORDS_MAX 32

struct teach {
    const char *words[TEACH_WORDS_MAX]; /* what is to be done */
    size_t count;
    const char *name;   /* of the learner; NULL: as the system knows him */
    const char *output; /* folder of the answers; NULL: results/teach */
    const char *exercise;
    bool project, answers, check;
    uint64_t requests, concurrency, latency_ns; /* of a race */
    struct suite suite;
    char folder[PATH_MAX]; /* teach/ of the sources */
    json_t *lessons;       /* see lesson.h */
};

struct measuring {
    json_t *said; /* beforehand: an array with an answer to each question; or NULL */
    bool live, at_once, imagined; /* shown while they run; all run together; none runs at all */
    const char *own;              /* see racer.h */
    bool thin;
    json_t *given;       /* what else lesson.sql is to know, by its names there; or NULL */
    const char *answers; /* the file to which the answers are added; or NULL */
    const char *also;    /* a text that can be written as well, shown nowhere; or NULL */
    const char *fails;   /* a view of lesson.sql: the lesson came out otherwise if it has rows */
};

/* Runs the programs of a lesson's plan, and shows on stdout what they measured, with the text
 * `name` of the folder: of NAME.md.in as prose, of NAME.html.in as HTML. Returns 0,
 * TEACH_OTHERWISE, or a negative errno with the reason in *error. */
int teach_show(const struct teach *teach, json_t *lesson, const struct measuring *how,
               const char *name, struct error *error);

/* The commands: each returns 0, or a negative errno with the reason in *error; a lesson that comes
 * out otherwise is TEACH_OTHERWISE. */
int teach_lesson(const struct teach *teach, json_t *lesson, struct error *error);
int teach_check(const struct teach *teach, json_t *lesson, struct error *error);
int teach_answers(const struct teach *teach, json_t *lesson, struct error *error);
int teach_slides(const struct teach *teach, struct error *error);
int teach_race(const struct teach *teach, struct error *error);
int teach_summary(const struct teach *teach, struct error *error);
int teach_collect(const struct teach *teach, struct error *error); /* goes on as report */

/* Runs the lane at words[1], which need take no more than -n, -c and a URL, and says what of the
 * exercise it does, with points: by what the server counted alone. */
int teach_grade(const struct teach *teach, struct error *error);

/* Likewise, of the contract that every lane honours, and of the result that it may write. */
int teach_check_lane(const struct teach *teach, struct error *error);

/* Writes a lane that passes to the new file words[2], in the language words[1]. */
int teach_new_lane(const struct teach *teach, struct error *error);

/* ---- What is shown in the terminal ------------------------------------------------------- */

/* Prose: paragraphs as wide as the terminal is, and marks of Markdown left out. */
struct prose_style {
    int columns; /* a line at most */
    bool bold;   /* headings, and what stands between ** */
    bool brief;  /* for a beamer */
};

/* How prose is shown on stdout: on a beamer (`project`) in short lines and few words. */
struct prose_style prose_style(bool project);

/* Writes Markdown: what is fenced, indented by four blanks, or a table stays in its lines, without
 * the fences. What is brief has of each "## " part the first paragraph alone. */
void prose_write(FILE *out, const struct prose_style *style, const char *markdown);

/* The live view of racers. */
struct live {
    struct measured *measured; /* of which it is a view */
    int drawn;                 /* lines on the terminal that are to be drawn over */
    uint64_t next_ns;          /* when those that run are said next, where there is no terminal */
};

/* Shows `racers` on the live view `user`, with its `measured` set and all else zero to
 * begin with. */
void live_show(void *user, json_t *racers);

#endif
