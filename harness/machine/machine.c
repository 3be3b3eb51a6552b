#include "harness/machine/machine.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/file.h"

#define FILE_SIZE_MAX (1UL << 22)
#define CPU_FOLDER    "/sys/devices/system/cpu/cpu0/cpufreq/"

extern char **environ;

json_t *machine_number(const char *path)
{
    char *text = file_read(path, FILE_SIZE_MAX, NULL);
    json_t *value = text != NULL ? json_integer(atoll(text)) : json_null();

    free(text);
    return value;
}

/* The first line of a file, or null. */
static json_t *first_line(const char *path)
{
    char *text = file_read(path, FILE_SIZE_MAX, NULL);
    json_t *value = text != NULL ? json_stringn(text, strcspn(text, "\n")) : NULL;

    free(text);
    return value != NULL ? value : json_null();
}

/* "always [madvise] never": the one in brackets. */
static json_t *chosen(const char *path)
{
    char *text = file_read(path, FILE_SIZE_MAX, NULL);
    const char *start = text != NULL ? strchr(text, '[') : NULL;
    json_t *value = start != NULL ? json_stringn(start + 1, strcspn(start + 1, "]")) : NULL;

    free(text);
    return value != NULL ? value : json_null();
}

/* The number after "KEY", which ends with its separators, at the start of a line. */
static double number_after(const char *path, const char *key)
{
    char *text = file_read(path, FILE_SIZE_MAX, NULL);
    const char *line = text;
    double value = -1;
    size_t length = strlen(key);

    while (line != NULL && value < 0) {
        if (strncmp(line, key, length) == 0)
            value = strtod(line + length + strspn(line + length, " \t:"), NULL);
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    free(text);
    return value;
}

static json_t *memory_bytes(const char *key)
{
    double kilobytes = number_after("/proc/meminfo", key);

    return kilobytes >= 0 ? json_integer((json_int_t)(kilobytes * 1024)) : json_null();
}

/* The frequency now: as the kernel sets it, or as the processor reports it. */
static json_t *cpu_mhz(void)
{
    json_t *kilohertz = machine_number(CPU_FOLDER "scaling_cur_freq");
    double mhz = json_is_integer(kilohertz) ? (double)json_integer_value(kilohertz) / 1000
                                            : number_after("/proc/cpuinfo", "cpu MHz");

    json_decref(kilohertz);
    return mhz > 0 ? json_real(mhz) : json_null();
}

static bool is_allocator_setting(const char *variable)
{
    static const char *const prefixes[] = {"MALLOC_", "GLIBC_TUNABLES=", "LD_PRELOAD="};

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (strncmp(variable, prefixes[i], strlen(prefixes[i])) == 0)
            return true;
    return false;
}

/* What lanes inherit, by name. */
static json_t *allocator(void)
{
    json_t *settings = json_object();

    for (char **variable = environ; *variable != NULL; variable++) {
        const char *value = strchr(*variable, '=');
        char name[128];

        if (value == NULL || !is_allocator_setting(*variable))
            continue;
        snprintf(name, sizeof(name), "%.*s", (int)(value - *variable), *variable);
        json_object_set_new(settings, name, json_string(value + 1));
    }
    return settings;
}

void machine_describe(json_t *environment)
{
    json_object_set_new(environment, "cpu_mhz", cpu_mhz());
    json_object_set_new(environment, "governor", first_line(CPU_FOLDER "scaling_governor"));
    json_object_set_new(environment, "memory_available_bytes", memory_bytes("MemAvailable"));
    json_object_set_new(environment, "swap_bytes", memory_bytes("SwapTotal"));
    json_object_set_new(environment, "swap_free_bytes", memory_bytes("SwapFree"));
    json_object_set_new(environment, "huge_pages",
                        chosen("/sys/kernel/mm/transparent_hugepage/enabled"));
    json_object_set_new(environment, "aslr", machine_number("/proc/sys/kernel/randomize_va_space"));
    json_object_set_new(environment, "allocator", allocator());
}
