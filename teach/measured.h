/* What was measured, as a dataset: a row with every figure by its name, what was said of it
 * beforehand, what the plan says must come, and the texts with the figures in them. lesson.sql says
 * how each comes of the JSON that is given here. */
#ifndef TEACH_MEASURED_H
#define TEACH_MEASURED_H

#include "report/dataset/dataset.h"
#include "teach/lesson.h"

struct measured {
    struct dataset dataset;
    const json_t *lesson; /* not owned; NULL: none */
};

/* Opens it, with nothing measured. Returns 0, or a negative errno with the reason in *error; to be
 * closed with measured_close() in any case. */
int measured_open(struct measured *measured, struct error *error);
void measured_close(struct measured *measured);

/* Gives it each member of the object `values`, which it takes over (NULL: no memory), under a name
 * that lesson.sql knows, in place of what it had there. Returns 0 or a negative errno. */
int measured_give(struct measured *measured, json_t *values);

/* Takes what is known of the racers (teach.h), and judges by it what was said (`said`, an array
 * with an entry for each question, or NULL) and what the lesson (NULL: none) expects. Where they
 * have not run (`ran`) all figures are unknown, and nothing is judged. Returns 0; or a negative
 * errno with the reason in *error, where the lesson's own queries are wrong or a program failed
 * that it needs. */
int measured_take(struct measured *measured, json_t *lesson, json_t *racers, bool ran, json_t *said,
                  struct error *error);

/* Writes the text `name` (teach/NAME.txt.in), a template that can include the lesson's sections by
 * their headings. Returns 0 or a negative errno with the reason in *error. */
int measured_write(struct measured *measured, FILE *out, const char *name, struct error *error);

#endif
