/* What becomes of a program that reads where there is no memory: it ends. Half of a table without a
 * word would be worse, and whatever it writes it replaces whole. */
#ifndef REPORT_MEMORY_H
#define REPORT_MEMORY_H

#define MEMORY_STATUS 3

/* Says that there is no memory, and ends the program with MEMORY_STATUS. SQLite and jansson come to
 * this by themselves wherever this is linked. */
_Noreturn void memory_end(void);

/* Returns what was allocated; does that where it is NULL. */
void *memory_or_end(void *memory);

#endif
