#include "harness/machine/kernel_counts.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/cores.h"
#include "common/count.h"
#include "common/file.h"
#include "common/units.h"

#define FILE_BYTES_MAX 65536
#define SOMAXCONN_FILE "/proc/sys/net/core/somaxconn"

static const struct kernel_count {
    const char *name;                  /* in the sample */
    size_t place;                      /* in struct kernel_counts */
    const char *path, *table, *column; /* of a file such as /proc/net/snmp; NULL: from elsewhere */
} counts[] = {
#define COUNT(member) #member, offsetof(struct kernel_counts, member)
    {COUNT(listen_overflows), "/proc/net/netstat", "TcpExt:", "ListenOverflows"},
    {COUNT(listen_drops), "/proc/net/netstat", "TcpExt:", "ListenDrops"},
    {COUNT(syn_retransmits), "/proc/net/netstat", "TcpExt:", "TCPSynRetrans"},
    {COUNT(retransmits), "/proc/net/snmp", "Tcp:", "RetransSegs"},
    {COUNT(throttled_periods), NULL, NULL, NULL},
    {COUNT(throttled_ns), NULL, NULL, NULL},
};

static uint64_t *value_of(const struct kernel_counts *all, const struct kernel_count *count)
{
    return (uint64_t *)((char *)all + count->place);
}

/* The file has two lines for each table, "Tcp: NAME NAME …" and "Tcp: VALUE VALUE …". */
static uint64_t read_column(const char *path, const char *table, const char *column)
{
    char *text = file_read(path, FILE_BYTES_MAX, NULL), *name, *value, *names_rest, *values_rest;
    char *names = text != NULL ? strstr(text, table) : NULL;
    char *values = names != NULL ? strchr(names, '\n') : NULL;
    uint64_t found = 0;

    if (values != NULL) {
        *values++ = '\0';
        values[strcspn(values, "\n")] = '\0';
        name = strtok_r(names, " ", &names_rest);
        value = strtok_r(values, " ", &values_rest);
        while (name != NULL && value != NULL && strcmp(name, column) != 0) {
            name = strtok_r(NULL, " ", &names_rest);
            value = strtok_r(NULL, " ", &values_rest);
        }
        found = name != NULL && value != NULL ? strtoull(value, NULL, 10) : 0;
    }
    free(text);
    return found;
}

struct kernel_counts kernel_counts_take(void)
{
    struct cores_throttled throttled = cores_throttled("");
    struct kernel_counts all = {.throttled_periods = throttled.periods,
                                .throttled_ns = throttled.ns};

    for (size_t i = 0; i < COUNT_OF(counts); i++)
        if (counts[i].path != NULL)
            *value_of(&all, &counts[i]) =
                read_column(counts[i].path, counts[i].table, counts[i].column);
    return all;
}

static struct kernel_counts difference(const struct kernel_counts *before,
                                       const struct kernel_counts *after)
{
    struct kernel_counts all = *after;

    for (size_t i = 0; i < COUNT_OF(counts); i++)
        *value_of(&all, &counts[i]) -= *value_of(before, &counts[i]);
    return all;
}

json_t *kernel_counts_between(const struct kernel_counts *before, const struct kernel_counts *after)
{
    struct kernel_counts all = difference(before, after);
    json_t *shown = json_object();

    for (size_t i = 0; i < COUNT_OF(counts); i++)
        json_object_set_new(shown, counts[i].name,
                            json_integer((json_int_t)*value_of(&all, &counts[i])));
    return shown;
}

void kernel_counts_judge(const struct kernel_counts *before, const struct kernel_counts *after,
                         json_t *sentences)
{
    struct kernel_counts all = difference(before, after);
    char text[UNITS_TEXT_SIZE];

    if (all.listen_drops > 0)
        json_array_append_new(
            sentences,
            json_sprintf("A queue of connections was full %d times (net.core.somaxconn is %d), "
                         "which the set-up causes and not the model: sysctl -w "
                         "net.core.somaxconn=65535, and start the server anew",
                         (int)all.listen_drops, (int)file_read_number(SOMAXCONN_FILE, "", 0)));
    if (all.retransmits > 0)
        json_array_append_new(
            sentences, json_sprintf("The network lost what was sent and sent it again: %d "
                                    "segments, %d of them for a new connection, which waits for a "
                                    "second; that is the set-up, not the model",
                                    (int)all.retransmits, (int)all.syn_retransmits));
    if (all.throttled_periods > 0)
        json_array_append_new(
            sentences, json_sprintf("The CPU quota of the cgroup was used up in %d periods, for %s "
                                    "in all",
                                    (int)all.throttled_periods,
                                    units_format_duration(all.throttled_ns, text)));
}
