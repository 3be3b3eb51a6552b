/* What a lesson has measured, as a dataset: a row with every figure by its name, what was said of
 * it beforehand, what the lesson says must come, and the texts with the figures in them. */
#ifndef TEACH_MEASURED_H
#define TEACH_MEASURED_H

#include "report/dataset/dataset.h"
#include "teach/lesson.h"
#include "teach/prediction.h"
#include "teach/racer.h"

struct measured {
    struct dataset dataset;
    const struct lesson *lesson;
};

/* Takes the figures of the racers, and judges by them what was predicted (`predictions`, one for
 * each question, or NULL) and what the lesson expects. The texts and views are those in `folder`,
 * teach/ of the sources. Returns 0, to be closed with measured_close(); or a negative errno with
 * the reason in *error, where the lesson's own queries are wrong or a program failed that it
 * needs. */
int measured_open(struct measured *measured, const struct lesson *lesson, struct racer *racers,
                  size_t count, const struct prediction *predictions, const char *folder,
                  struct error *error);
void measured_close(struct measured *measured);

/* The section with its figures, to be freed; NULL with the reason in *error. */
char *measured_text(struct measured *measured, enum lesson_section section, struct error *error);

/* How many of the relations that the lesson expects do not hold here; one that is not known counts
 * but where something is not here. */
int measured_broken(struct measured *measured);

#endif
