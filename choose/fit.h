/* Parameters from what was measured: the costs with which the simulation comes nearest to the wall
 * times of all cells of a lane, and lines through its CPU times and memory. */
#ifndef CHOOSE_FIT_H
#define CHOOSE_FIT_H

#include "choose/predict.h"
#include "report/dataset/dataset.h"

/* The figure of memory that is predicted: what `bench` calls the memory of a lane. */
#define FIT_MEMORY "median(memory_bytes)"

/* cell, lane, in flight, bytes, run */
#define FIT_MEMORY_CELLS                                                                           \
    "SELECT cell, lane, asked, " FIT_MEMORY " memory, run FROM memory_cells"                       \
    " WHERE ranked AND work = 'io' AND client IS NOT 'raw' AND memory > 0"

/* A cell that was measured, with what was predicted for it. */
struct fitted_cell {
    char cell[160], lane[PARAMETERS_NAME_SIZE], model[PARAMETERS_NAME_SIZE];
    char language[PARAMETERS_NAME_SIZE];
    int run;
    struct calls load;
    struct shape shape;
    double wall_ns, start_ns, cpu_ns;
    double p99_ns; /* of those with a rate, from when each was due */
    struct simulated predicted;
    double waiting_ns;
};

/* The timed cells of a dataset. `pace` is how many rounds of the chain a core computes in a ns;
 * NAN: as the runs' calibrations say. Returns 0, *cells to be freed, or a negative errno. */
int fit_read(struct dataset *dataset, double pace, struct fitted_cell **cells, size_t *count,
             struct error *error);

/* Fits every lane of the dataset. Returns 0, or a negative errno with the reason in *error. */
int fit(struct dataset *dataset, struct parameters *parameters, struct error *error);

/* The memory of a lane with so many requests in flight; NAN where it was not measured. */
double fit_memory_at(struct dataset *dataset, const char *lane, uint64_t in_flight);

#endif
