/* `bench doctor`: what of this machine matters to a measurement, with a verdict on each item and
 * the command that repairs it, and which plans can run here. */
#ifndef HARNESS_MACHINE_DOCTOR_H
#define HARNESS_MACHINE_DOCTOR_H

#include <stdio.h>

#include "harness/bench_options.h"
#include "harness/suite.h"

/* Prints it all, as text, JSON (bench.doctor/1) or CSV. Returns BENCH_COMPLETE, or BENCH_MACHINE
 * where there is a problem. */
enum bench_status doctor_print(const struct suite *suite, enum bench_format format, FILE *stream,
                               struct error *error);

#endif
