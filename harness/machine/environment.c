/* Which member of the environment is in which file of the kernel is said in environment.json. */
#include "harness/machine/environment.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <uv/version.h>

#include "common/clock.h"
#include "common/cores.h"
#include "common/count.h"
#include "common/file.h"
#include "common/json.h"
#include "common/limit.h"
#include "common/process/process.h"
#include "report/embedded.h"

#define PROC_SIZE_MAX (1UL << 22)
#define TEXT_SIZE     256

/* Only the event-loop lane is linked with it; this is what that was built against. */
#define TEXT_OF(number)  #number
#define VERSION(a, b, c) TEXT_OF(a) "." TEXT_OF(b) "." TEXT_OF(c)
#define LIBUV_VERSION    VERSION(UV_VERSION_MAJOR, UV_VERSION_MINOR, UV_VERSION_PATCH)

extern char **environ;

const json_t *environment_known(const char *name)
{
    static json_t *known;

    if (known == NULL)
        known = json_loads(embedded_environment_json, 0, NULL);
    return json_object_get(known, name);
}

static json_t *text_or_null(const char *text)
{
    json_t *value = text != NULL && text[0] != '\0' ? json_string(text) : NULL;

    return value != NULL ? value : json_null();
}

/* What environment.json calls the value in a file of the kernel; NULL where there is none. */
static json_t *parse_source(const json_t *source, const char *text)
{
    const char *is = json_text_at(source, "is", ""), *key = json_text_at(source, "after", NULL);
    int low, high;

    if (key != NULL)
        text = file_find(text, key);
    else if (strcmp(is, "chosen") == 0) /* "always [madvise] never": the word in brackets */
        text = strchr(text, '[');
    if (text == NULL)
        return NULL;
    if (strcmp(is, "pair") == 0)
        return sscanf(text, "%d %d", &low, &high) == 2 ? json_pack("[i, i]", low, high) : NULL;
    if (json_at(source, "word") != NULL) /* "1024 524288 files": the second word */
        text += strcspn(text, " ") + strspn(text + strcspn(text, " "), " ");
    if (strcmp(is, "integer") == 0) /* "unlimited" is none */
        return isdigit((unsigned char)*text)
                   ? json_integer(atoll(text) * (json_int_t)json_number_at(source, "times", 1))
                   : NULL;
    if (strcmp(is, "real") == 0)
        return json_real(atof(text) / json_number_at(source, "per", 1));
    if (strcmp(is, "chosen") == 0)
        return json_stringn(text + 1, strcspn(text + 1, "]"));
    return json_stringn(text, strcspn(text, "\n"));
}

/* Sets all members that `sources` name in `target`, null where nothing is found. Of several ways to
 * find a member the first that finds something counts. */
static void read_sources(json_t *target, const json_t *sources)
{
    json_t *source;
    size_t i;

    json_array_foreach((json_t *)sources, i, source)
    {
        const char *name = json_text_at(source, "name", "");
        char *text = file_read(json_text_at(source, "path", ""), PROC_SIZE_MAX, NULL);
        json_t *value = text != NULL ? parse_source(source, text) : NULL;
        const json_t *known = json_object_get(target, name);

        free(text);
        if (known == NULL || json_is_null(known))
            json_object_set_new(target, name, value != NULL ? value : json_null());
        else
            json_decref(value);
    }
}

static json_t *limits(void)
{
    struct limit_tasks tasks = limit_tasks("");
    json_t *value = json_object();

    read_sources(value, environment_known("limits"));
    if (tasks.max != UINT64_MAX)
        json_object_set_new(value, "pids_max", json_integer((json_int_t)tasks.max));
    return value;
}

/* Variables that lanes inherit, by name. Of a path only the last part is kept: it says which
 * library is loaded, and nothing of where things are on this machine. */
static json_t *allocator(void)
{
    static const char *const prefixes[] = {"MALLOC_", "GLIBC_TUNABLES=", "LD_PRELOAD="};
    json_t *settings = json_object();

    for (char **variable = environ; *variable != NULL; variable++)
        for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
            const char *value = strchr(*variable, '='), *slash;
            char name[128];

            if (value == NULL || strncmp(*variable, prefixes[i], strlen(prefixes[i])) != 0)
                continue;
            snprintf(name, sizeof(name), "%.*s", (int)(value - *variable), *variable);
            slash = strrchr(value, '/');
            json_object_set_new(settings, name, json_string((slash != NULL ? slash : value) + 1));
        }
    return settings;
}

/* The first version number in the first line that `program --version` prints. */
static json_t *version_of(const char *program)
{
    const char *argv[] = {program, "--version", NULL};
    char line[TEXT_SIZE];
    const char *number = line;

    process_first_line(argv, line, sizeof(line));
    while (*number != '\0' && !isdigit((unsigned char)*number))
        number++;
    return text_or_null(number);
}

static json_t *versions(void)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o}", "suite", SUITE_VERSION, "compiler",
#ifdef __clang__
                     __VERSION__,
#else
                     "gcc " __VERSION__,
#endif
                     "libcurl", curl_version_info(CURLVERSION_NOW)->version, "libuv", LIBUV_VERSION,
                     "hyperfine", version_of("hyperfine"), "gnuplot", version_of("gnuplot"));
}

bool environment_is_anothers(const char *root)
{
    const char *argv[] = {"git", "-C", root, "rev-parse", "HEAD", NULL};
    struct process process;
    struct error error;

    return root[0] != '\0' &&
           process_run(&process, argv, PROCESS_CAPTURE_ALL, 10 * NS_PER_S, &error) > 0 &&
           strstr(process.text, "safe.directory") != NULL;
}

static json_t *git(const char *root)
{
    const char *revision_argv[] = {"git", "-C", root, "rev-parse", "HEAD", NULL};
    /* Without locks: a run that is killed must not leave one in the user's repository. */
    const char *dirty_argv[] = {"git",    "--no-optional-locks", "-C", root,
                                "status", "--porcelain",         NULL};
    char revision[TEXT_SIZE] = "", changed[TEXT_SIZE] = "";

    if (root[0] == '\0' || process_first_line(revision_argv, revision, sizeof(revision)) != 0 ||
        process_first_line(dirty_argv, changed, sizeof(changed)) != 0)
        return json_pack("{s:n, s:n}", "revision", "dirty");
    return json_pack("{s:s, s:b}", "revision", revision, "dirty", changed[0] != '\0');
}

struct environment_load environment_load(void)
{
    char *text = file_read("/proc/loadavg", PROC_SIZE_MAX, NULL);
    struct environment_load load = {.average = text != NULL ? atof(text) : -1};

    if (text != NULL && sscanf(text, "%*s %*s %*s %u/", &load.runnable) == 1 && load.runnable > 0)
        load.runnable--; /* this one */
    free(text);
    return load;
}

struct environment_cpu environment_cpu(void)
{
    char *text = file_read("/proc/stat", PROC_SIZE_MAX, NULL);
    long per_second = sysconf(_SC_CLK_TCK);
    uint64_t tick_ns = per_second > 0 ? NS_PER_S / (uint64_t)per_second : 0;
    struct environment_cpu sum = {0};
    unsigned long long user, nice, system, steal;
    unsigned core;

    /* cpuN user nice system idle iowait irq softirq steal; the first line is of all */
    for (const char *line = text != NULL ? strchr(text, '\n') : NULL; line != NULL;
         line = strchr(line + 1, '\n')) {
        if (sscanf(line, " cpu%u %llu %llu %llu %*u %*u %*u %*u %llu", &core, &user, &nice, &system,
                   &steal) != 5 ||
            !cores_may_run_on(core))
            continue;
        sum.busy_ns += (user + nice + system) * tick_ns;
        sum.steal_ns += steal * tick_ns;
    }
    free(text);
    return sum;
}

json_t *environment_read(const char *root)
{
    char virtualisation[TEXT_SIZE], kernel[TEXT_SIZE * 2] = "";
    struct cores cores = cores_read("");
    struct utsname system;
    json_t *environment;

    if (uname(&system) == 0)
        snprintf(kernel, sizeof(kernel), "%s %s %s", system.sysname, system.release,
                 system.machine);
    virtualisation_read(virtualisation, sizeof(virtualisation));
    environment = json_pack(
        "{s:n, s:I, s:I, s:o, s:I, s:o, s:o, s:o, s:f, s:I, s:o, s:o}", "cpu_model", "cores",
        (json_int_t)cores.usable, "cores_online", (json_int_t)cores.online, "cpu_quota",
        cores.period_ns > 0 ? json_real(cores.quota) : json_null(), "memory_bytes",
        (json_int_t)sysconf(_SC_PHYS_PAGES) * (json_int_t)sysconf(_SC_PAGESIZE), "kernel",
        text_or_null(kernel), "virtualisation", text_or_null(virtualisation), "limits", limits(),
        "load_1m", environment_load().average, "steal_ns", (json_int_t)0, "versions", versions(),
        "git", git(root));
    read_sources(environment, environment_known("environment"));
    json_object_set_new(environment, "allocator", allocator());
    return environment;
}
