/* Helpers over jansson: JSON files with errors that say where, and JSON lines. */
#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_ERROR_SIZE 512 /* bytes that `error` of json_file_load() needs */

/* Reads a JSON file. Returns a new reference, or NULL with "PATH:LINE:COLUMN: reason" (or "PATH:
 * reason") in `error` of JSON_ERROR_SIZE bytes. */
json_t *json_file_load(const char *path, char *error);

/* Levels of arrays and objects in what comes from the network. jansson takes 2048 of them, by
 * recursion, at some 80 bytes of stack each (2.14, x86-64): more than a coroutine has, or a thread
 * with a small stack. */
#define JSON_DEPTH_MAX 100

/* Reads a text from the network, with jansson's `flags`. Returns a new reference; NULL: it is no
 * JSON, or deeper than JSON_DEPTH_MAX. */
json_t *json_text_load(const char *text, size_t size, size_t flags);

/* Of a part that a value or its text lacks for want of memory jansson tells nobody. From
 * json_watch() on it is noted whether there was none. */
void json_watch(void);

/* The value as a text, with jansson's `flags`, to be freed; NULL: there is none, or it
 * lacks a part. */
char *json_text(const json_t *value, size_t flags);

/* Writes `value`, indented, as a whole new file (see file_replace). Returns 0 or a negative
 * errno. */
int json_file_write(const char *path, const json_t *value);

/* Appends `value` as one line (see file_append_line). Returns 0 or a negative errno. */
int json_line_append(const char *path, const json_t *value);

/* Reads a file of JSON lines into a new array. A last line cut off by a kill is left out; any other
 * line that is not JSON is an error. Returns NULL with the reason in `error` as json_file_load().
 */
json_t *json_lines_load(const char *path, char *error);

/* The value at a dotted path of keys ("lane.latency_ns.p50"), borrowed, or NULL. */
json_t *json_at(const json_t *value, const char *path);

/* The number at a dotted path as a double, or `otherwise` where there is none. */
double json_number_at(const json_t *value, const char *path, double otherwise);

/* The text at a dotted path, borrowed, or `otherwise` where there is none. */
const char *json_text_at(const json_t *value, const char *path, const char *otherwise);

#endif
