/* A run folder of invented figures of work that computes, by the schemas in results/README.md. */
#ifndef TESTS_COMPUTING_FIXTURE_H
#define TESTS_COMPUTING_FIXTURE_H

/* Writes a complete run of `rounds` rounds on 2 cores into `folder`: 64 items of 20 ms under each
 * model, and 200 requests that wait and compute 0.2 s together, at CPU shares of 0 (work io), 1,
 * 10 and 50 %. */
void computing_fixture_write(const char *folder, int rounds);

#endif
