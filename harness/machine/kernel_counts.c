#include "harness/machine/kernel_counts.h"

#include <stdlib.h>
#include <string.h>

#include "common/cores.h"
#include "common/file.h"
#include "common/json.h"

#define FILE_BYTES_MAX 65536

/* Where each is counted: a column of a table of the kernel, or else by cores_throttled(). */
static const struct kernel_count {
    const char *name, *path, *table, *column;
    const char *sentence; /* takes the count; NULL: another one says it */
} counts[KERNEL_COUNTS] = {
    {"listen_overflows", "/proc/net/netstat", "TcpExt:", "ListenOverflows", NULL},
    {"listen_drops", "/proc/net/netstat", "TcpExt:", "ListenDrops",
     "A queue of connections was full %d times, which the set-up causes and not the model: sysctl "
     "-w net.core.somaxconn=65535, and start the server anew"},
    {"syn_retransmits", "/proc/net/netstat", "TcpExt:", "TCPSynRetrans",
     "%d requests for a connection were lost and sent again, each after a second or more, which is "
     "the set-up's time and not the model's"},
    {"retransmits", "/proc/net/snmp", "Tcp:", "RetransSegs",
     "%d segments in all were lost and sent again"},
    {"throttled_periods", NULL, NULL, NULL,
     "The CPU quota of the cgroup was used up in %d periods, and what ran had to wait"},
    {"throttled_ns", NULL, NULL, NULL, NULL},
};
#define THROTTLED_PERIODS 4
#define THROTTLED_NS      5

/* The file has two lines for each table, "Tcp: NAME NAME …" and "Tcp: VALUE VALUE …". */
static uint64_t read_column(const struct kernel_count *count)
{
    char *text = file_read(count->path, FILE_BYTES_MAX, NULL);
    const char *name = text != NULL ? strstr(text, count->table) : NULL;
    const char *value = name != NULL ? strchr(name, '\n') : NULL;
    size_t length = strlen(count->column);
    uint64_t found = 0;

    for (const char *end = value; value != NULL && name < end; name++) {
        if (name[0] != ' ')
            continue;
        value = strchr(value + 1, ' ');
        if (value != NULL && strncmp(name + 1, count->column, length) == 0 &&
            strchr(" \n", name[1 + length]) != NULL)
            found = strtoull(value, NULL, 10);
    }
    free(text);
    return found;
}

struct kernel_counts kernel_counts_take(void)
{
    struct cores_throttled throttled = cores_throttled("");
    struct kernel_counts all = {
        .of = {[THROTTLED_PERIODS] = throttled.periods, [THROTTLED_NS] = throttled.ns}};

    for (size_t i = 0; i < THROTTLED_PERIODS; i++)
        all.of[i] = read_column(&counts[i]);
    return all;
}

json_t *kernel_counts_between(const struct kernel_counts *before, const struct kernel_counts *after)
{
    json_t *counted = json_object();

    for (size_t i = 0; i < KERNEL_COUNTS; i++)
        json_object_set_new(counted, counts[i].name,
                            json_integer((json_int_t)(after->of[i] - before->of[i])));
    return counted;
}

void kernel_counts_judge(const json_t *counted, json_t *sentences)
{
    for (size_t i = 0; i < KERNEL_COUNTS; i++) {
        double count = json_number_at(counted, counts[i].name, 0);

        if (count > 0 && counts[i].sentence != NULL)
            json_array_append_new(sentences, json_sprintf(counts[i].sentence, (int)count));
    }
}
