/* What the tests share: programs that are started, watched and ended, and temporary folders. */
#ifndef TESTS_HELPERS_H
#define TESTS_HELPERS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include <cmocka.h>

#define ARGUMENTS_MAX 64

/* Whether the programs are built for a sanitizer: it needs terabytes of addresses, larger stacks,
 * and much memory for a small task. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED true
#else
#define SANITIZED false
#endif

/* A program that ran to its end. Free with finished_free(). */
struct finished {
    int status; /* exit status, or 128 + the signal that ended it */
    char *out;  /* all of stdout, NUL-terminated */
    char *err;  /* all of stderr */
};

/* Path of a program of this build: "lane-sync" -> "build/lane-sync"; a twin that is a script stays
 * where it is: "twins/python/python_threads.py". Static storage, four at a time. */
const char *program(const char *name);

/* Starts argv[0] with stdout and stderr going to `out_path` and `err_path` (NULL: /dev/null).
 * Returns its pid; fails the test if it cannot be started. It dies with the test program. */
pid_t start(const char *const argv[], const char *out_path, const char *err_path);

/* Waits up to `timeout_s` for `pid` to end; kills it and fails the test if it does not. Returns the
 * exit status, or 128 + the signal. */
int wait_for(pid_t pid, int timeout_s);

/* Likewise, but returns -1 where it has not ended and was killed. */
int wait_at_most(pid_t pid, int timeout_s);

/* Runs a program to its end (four minutes at most, else the test fails). Arguments end with NULL.
 */
struct finished run(const char *name, ...) __attribute__((sentinel));
struct finished run_argv(const char *const argv[]);
void finished_free(struct finished *finished);

/* The mock server of this build on a free port; ended by server_stop(), which checks that it exits
 * with 0. `url` is "http://127.0.0.1:PORT". Extra arguments end with NULL. */
struct server {
    pid_t pid;
    int port;
    char url[64];
};
struct server server_start(const char *argument, ...) __attribute__((sentinel));

/* Likewise one that `argv` starts, with --listen 127.0.0.1:0, and with its outputs in files (NULL:
 * standard error goes nowhere). */
struct server server_run(const char *const argv[], const char *out, const char *err);
void server_stop(struct server *server);

/* Body of a GET (or POST where `post`) of `path` at the server, freed by the caller. Fails the test
 * where there is no answer with status 200. */
char *server_request(const struct server *server, const char *path, int post);

/* Makes a device like /dev/null at `path`; skips the test where that is not allowed. Whether it is
 * still one. */
void make_null_device(const char *path);
int is_device(const char *path);

/* Whether valgrind runs this program, and so the ones it starts: they take more of everything. */
int on_valgrind(void);

/* A loopback port on which nobody listens. */
int free_port(void);

/* A new temporary folder (freed by the caller with folder_remove, which removes all in it). */
char *folder_make(void);
void folder_remove(char *folder);

/* Setup and teardown of a test whose state is such a folder. */
int state_make_folder(void **state);
int state_remove_folder(void **state);

/* The text of the file `name` in `folder`, freed by the caller. Fails the test where it is not
 * there. */
char *read_in(const char *folder, const char *name);

/* "folder/name" in static storage, four at a time. */
const char *path_in(const char *folder, const char *name);

/* Number of live processes whose parent is this test program. */
int children_count(void);

/* The processes whose parent is `parent`, the first `size` into `pids`; returns how many there are.
 */
int children_of(pid_t parent, pid_t *pids, int size);

/* Waits until these processes have ended; fails the test where they do not within a minute. */
void wait_until_gone(const pid_t *pids, int count);

#endif
