#include "harness/machine/kernel_counts.h"

#include <stdlib.h>
#include <string.h>

#include "common/cores.h"
#include "common/file.h"
#include "common/json.h"
#include "harness/machine/environment.h"

#define FILE_BYTES_MAX 65536

/* Where each is counted, and what it tells: a column of a table of the kernel, or else by
 * cores_throttled(). */
static const json_t *count_of(size_t i)
{
    return json_array_get(environment_known("counts"), i);
}

/* The file has two lines for each table, "Tcp: NAME NAME …" and "Tcp: VALUE VALUE …". */
static uint64_t read_column(const json_t *count)
{
    const char *column = json_text_at(count, "column", "");
    char *text = file_read(json_text_at(count, "path", ""), FILE_BYTES_MAX, NULL);
    const char *name = text != NULL ? strstr(text, json_text_at(count, "table", "")) : NULL;
    const char *value = name != NULL ? strchr(name, '\n') : NULL;
    size_t length = strlen(column);
    uint64_t found = 0;

    for (const char *end = value; value != NULL && name < end; name++) {
        if (name[0] != ' ')
            continue;
        value = strchr(value + 1, ' ');
        if (value != NULL && strncmp(name + 1, column, length) == 0 &&
            strchr(" \n", name[1 + length]) != NULL)
            found = strtoull(value, NULL, 10);
    }
    free(text);
    return found;
}

struct kernel_counts kernel_counts_take(void)
{
    struct cores_throttled throttled = cores_throttled("");
    struct kernel_counts all;

    for (size_t i = 0; i < KERNEL_COUNTS; i++) {
        const json_t *count = count_of(i);
        const char *throttle = json_text_at(count, "throttled", "");

        all.of[i] = throttle[0] == '\0'                ? read_column(count)
                    : strcmp(throttle, "periods") == 0 ? throttled.periods
                                                       : throttled.ns;
    }
    return all;
}

json_t *kernel_counts_between(const struct kernel_counts *before, const struct kernel_counts *after)
{
    json_t *counted = json_object();

    for (size_t i = 0; i < KERNEL_COUNTS; i++)
        json_object_set_new(counted, json_text_at(count_of(i), "name", ""),
                            json_integer((json_int_t)(after->of[i] - before->of[i])));
    return counted;
}

void kernel_counts_judge(const json_t *counted, json_t *sentences)
{
    for (size_t i = 0; i < KERNEL_COUNTS; i++) {
        const char *sentence = json_text_at(count_of(i), "sentence", NULL);
        double count = json_number_at(counted, json_text_at(count_of(i), "name", ""), 0);

        if (count > 0 && sentence != NULL)
            json_array_append_new(sentences, json_sprintf(sentence, (int)count));
    }
}
