/* Values held against schemas/. */
#ifndef TESTS_SCHEMA_H
#define TESTS_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>

#define SCHEMA_FAULT_SIZE 256

/* Whether `value` follows the schema of this file in schemas/: types, what is required, what is
 * allowed, and no member that the schema does not name. Else `fault` of SCHEMA_FAULT_SIZE bytes
 * says where and what. Knows the words of JSON Schema that lane-result.json and
 * pattern-result.json use, and fails the test where they use another. */
bool schema_accepts(const char *file, const json_t *value, char *fault);

#endif
