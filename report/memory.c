#include "report/memory.h"

#include <errno.h>
#include <jansson.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static sqlite3_mem_methods of_sqlite; /* its own */

/* Without stdio, which may want memory, too. */
_Noreturn void memory_end(void)
{
    static const char said[] = ": there is no memory for this: free some, or raise ulimit -v\n";
    const char *name = program_invocation_short_name;
    ssize_t ignored = write(STDERR_FILENO, name, strlen(name));

    ignored += write(STDERR_FILENO, said, sizeof(said) - 1);
    (void)ignored;
    _exit(MEMORY_STATUS);
}

void *memory_or_end(void *memory)
{
    if (memory == NULL)
        memory_end();
    return memory;
}

static void *json_memory(size_t size)
{
    return memory_or_end(malloc(size));
}

static void *sqlite_memory(int size)
{
    return memory_or_end(of_sqlite.xMalloc(size));
}

static void *sqlite_more(void *memory, int size)
{
    return memory_or_end(of_sqlite.xRealloc(memory, size));
}

/* Before anything else: what is built in as JSON is read before main(). */
static __attribute__((constructor(101))) void take_over(void)
{
    sqlite3_mem_methods methods;

    json_set_alloc_funcs(json_memory, free);
    if (sqlite3_config(SQLITE_CONFIG_GETMALLOC, &of_sqlite) != SQLITE_OK)
        return;
    methods = of_sqlite;
    methods.xMalloc = sqlite_memory;
    methods.xRealloc = sqlite_more;
    sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}
