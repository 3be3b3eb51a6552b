/* In which line of a JSON text a value stands: jansson does not keep that, and people look for
 * lines. */
#ifndef HARNESS_PLAN_JSON_LINE_H
#define HARNESS_PLAN_JSON_LINE_H

/* The line, from 1, of the value at `path` ("cells[2].latency") in `text`, which is valid JSON;
 * that of the nearest object or array above it where it is missing. */
int json_line_find(const char *text, const char *path);

#endif
