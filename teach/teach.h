/* teach: what its commands share. */
#ifndef TEACH_TEACH_H
#define TEACH_TEACH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "harness/suite.h"
#include "teach/lesson.h"
#include "teach/measured.h"

enum teach_status {
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
    json_t *lessons; /* see lesson.h */
};

struct measuring {
    json_t *said; /* beforehand: an array with an answer to each question; or NULL */
    bool live, at_once, imagined; /* shown while they run; all run together; none runs at all */
    const char *own;              /* of a racer, see below */
    bool thin;
    json_t *given;       /* what else lesson.sql is to know, by its names there; or NULL */
    const char *answers; /* the file to which the answers are added; or NULL */
    const char *also;    /* a text that can be written as well, shown nowhere; or NULL */
    const char *fails; /* a query: where it gives a number above 0, the lesson came out otherwise */
};

enum form { FORM_PLAIN, FORM_PROSE, FORM_HTML }; /* the last two are of Markdown */

/* Runs the programs of a lesson's plan (NULL: there are none), and shows on stdout what they
 * measured, with the text `name` (measured.h) in that form. Returns 0, TEACH_OTHERWISE, or a
 * negative errno with the reason in *error. */
int teach_show(const struct teach *teach, json_t *lesson, const struct measuring *how,
               enum form form, const char *name, struct error *error);

/* The commands: each returns 0, or a negative errno with the reason in *error; a lesson that comes
 * out otherwise is TEACH_OTHERWISE. */
int teach_lesson(const struct teach *teach, json_t *lesson, struct error *error);
int teach_check(const struct teach *teach, json_t *lesson, struct error *error);
int teach_answers(const struct teach *teach, json_t *lesson, struct error *error);
int teach_list(const struct teach *teach, struct error *error);
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

/* ---- What a learner says beforehand ------------------------------------------------------- */

/* The unit that a figure's name ends with: "ns", "bytes", "share", "factor", or "count". */
const char *prediction_unit(const char *figure);

/* Reads the value in that unit. Returns 0 or -EINVAL. */
int prediction_parse(const char *text, const char *unit, double *value);

/* Asks what `question` (of a lesson) says, on stdout as prose_write() does, until stdin gives an
 * answer that can be read. Returns 0, and in *said a new reference: the `text` as it was typed, of
 * a choice its letter, and its `value` in the unit of the figure; null where it was left out. Or
 * -EINTR (asked to stop) or -EIO (no more input). */
int prediction_ask(const json_t *question, bool project, json_t **said);

/* ---- What is shown in the terminal ------------------------------------------------------- */

/* Writes Markdown as prose on stdout: paragraphs as wide as the terminal is, and marks left out.
 * What is fenced, indented by four blanks, or a table stays in its lines, without the fences. For a
 * projector (`project`) the lines are short, and of each "## " part there is the first paragraph
 * alone. */
void prose_write(bool project, const char *markdown);

/* The live view of racers. */
struct live {
    struct measured *measured; /* of which it is a view */
    int drawn;                 /* lines on the terminal that are to be drawn over */
    uint64_t next_ns;          /* when those that run are said next, where there is no terminal */
};

/* Shows racers on it, with `measured` set and all else zero to begin with. */
void live_show(struct live *live, json_t *racers);

/* ---- Racers ------------------------------------------------------------------------------ */

/* A racer is a program that is run and watched: a lane with a mock server of its own, so that what
 * that counts is this lane's alone; or another program of the suite, such as patterns.
 *
 * What is known of one is an object: what the plan says of it; its `name`; whether it is `thin`, so
 * that it takes -n, -c and a URL, and need not write a result; and `own`, a path in place of its
 * command's first word. Once it runs, its `state` ("running", "ended"), `elapsed_ns`, and what its
 * server last said (`seen`). In the end the `document` that it came to, or the `fault` why it could
 * not be started.
 *
 * Returns what is known of the `runs` of a plan (teach/README.md), `own` (NULL: none) and thin or
 * not: an array, a new reference. */
json_t *racers_of(const json_t *plan, const char *own, bool thin);

/* Runs them, all at once or one after the other, and shows them on `live` (NULL: nowhere). That one
 * cannot run, or fails, is no error. Returns 0, or a negative errno with the reason in *error
 * (-EINTR: asked to stop); then none runs any more. */
int racers_run(json_t *racers, bool at_once, const struct suite *suite, struct live *live,
               struct error *error);

#endif
