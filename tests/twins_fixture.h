/* Run folders of invented figures with programs in several languages, and with sleeping tasks. */
#ifndef TESTS_TWINS_FIXTURE_H
#define TESTS_TWINS_FIXTURE_H

/* Writes a complete run of the plan `tasks` into `folder`: a pass for each kind and number of
 * tasks. A coroutine costs 1 KB, a stackless task 200 bytes, a thread 9 KB and 12 KB of the
 * kernel's, a task of asyncio 2 KB; 100,000 threads were left out. */
void tasks_fixture_write(const char *folder);

/* Writes a complete run of the plan `twins` into `folder`, of TWINS_ROUNDS rounds: 1000 requests of
 * 200 ms by threads and event loops in C, Python, Go and Node, 10,000 by event loops, 64 items to
 * compute, and memory with 1000 in flight. python-httpx fails 9900 of 10,000 requests; node-fetch
 * was left out. */
#define TWINS_ROUNDS 7
void twins_fixture_write(const char *folder);

#endif
