/* The kinds, each in the file of its name. */
#ifndef SLEEPERS_KINDS_H
#define SLEEPERS_KINDS_H

#include "sleepers/sleepers.h"

int coroutine_run(struct sleepers *s);
int stackless_run(struct sleepers *s);
int timer_run(struct sleepers *s);
int thread_run(struct sleepers *s);

#endif
