/* Numbers with units, as people write and read them: "200ms", "10k", "13.2 MB". */
#ifndef COMMON_UNITS_H
#define COMMON_UNITS_H

#include <stddef.h>
#include <stdint.h>

#define UNITS_TEXT_SIZE 32 /* bytes that the units_format_… functions need */

/* Reads a duration: a decimal number and one of ns, us, ms, s, m, h ("200ms", "1.5s"); "0" needs
 * no unit. Returns 0 and sets *ns, or -EINVAL (not a duration), -ERANGE (beyond 100 years). */
int units_parse_duration(const char *text, uint64_t *ns);

/* Reads a count: a decimal number, optionally with k (1e3), M (1e6) or G (1e9), that comes to a
 * whole number ("1000", "10k", "1.5k"). Returns 0 and sets *count, or -EINVAL, -ERANGE (> 1e12). */
int units_parse_count(const char *text, uint64_t *count);

/* Reads a size in bytes: a whole number, optionally with k, M or G, which are binary, as sizes of
 * blocks are ("32", "64k" is 65536). Returns 0 and sets *bytes, or -EINVAL, -ERANGE (> 1 TiB). */
int units_parse_size(const char *text, uint64_t *bytes);

/* Reads a share above 0 and up to `max` (1 is 100 %): "2%" is 0.02. Returns 0 and sets *share, or
 * -EINVAL. */
int units_parse_share(const char *text, double max, double *share);

/* Writes `ns` with three or four significant digits ("203 ms", "20.06 s") to `text` of
 * UNITS_TEXT_SIZE bytes and returns it. */
const char *units_format_duration(uint64_t ns, char *text);

/* The shortest exact text of a duration, as units_parse_duration() reads it: "200ms", "1500us",
 * "5s". Returns `text`, of UNITS_TEXT_SIZE bytes. */
const char *units_exact_duration(uint64_t ns, char *text);

/* In whole seconds: "6m10s", "45s". Likewise. */
const char *units_format_eta(uint64_t ns, char *text);

/* Writes `bytes` in decimal units (1 MB = 1e6 bytes), three significant digits ("13.2 MB"), to
 * `text` of UNITS_TEXT_SIZE bytes and returns it. */
const char *units_format_bytes(uint64_t bytes, char *text);

#endif
