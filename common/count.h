/* How many elements an array has. */
#ifndef COMMON_COUNT_H
#define COMMON_COUNT_H

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
