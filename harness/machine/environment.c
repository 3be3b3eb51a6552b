#include "harness/machine/environment.h"

#include <ctype.h>
#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <uv/version.h>

#include "common/clock.h"
#include "common/file.h"
#include "harness/machine/machine.h"
#include "harness/process/process.h"
#include "harness/machine/virtualisation.h"

#define PROC_SIZE_MAX (1UL << 22)
#define TEXT_SIZE     256

/* Only the event-loop lane is linked with it; this is what that was built against. */
#define TEXT_OF(number)  #number
#define VERSION(a, b, c) TEXT_OF(a) "." TEXT_OF(b) "." TEXT_OF(c)
#define LIBUV_VERSION    VERSION(UV_VERSION_MAJOR, UV_VERSION_MINOR, UV_VERSION_PATCH)

static json_t *text_or_null(const char *text)
{
    json_t *value = text != NULL && text[0] != '\0' ? json_string(text) : NULL;

    return value != NULL ? value : json_null();
}

/* The value of the first line "KEY : VALUE". */
static json_t *cpu_model(void)
{
    static const char *const keys[] = {"model name", "Model", "Hardware", NULL};
    char *text = file_read("/proc/cpuinfo", PROC_SIZE_MAX, NULL);
    json_t *value = NULL;

    for (size_t i = 0; text != NULL && keys[i] != NULL && value == NULL; i++) {
        char *line = strstr(text, keys[i]), *colon = line != NULL ? strchr(line, ':') : NULL;

        if (colon == NULL)
            continue;
        colon += 1 + strspn(colon + 1, " \t");
        value = json_stringn(colon, strcspn(colon, "\n"));
    }
    free(text);
    return value != NULL ? value : json_null();
}

static json_t *limit(__rlimit_resource_t resource, bool hard)
{
    struct rlimit value;
    rlim_t number;

    if (getrlimit(resource, &value) < 0)
        return json_null();
    number = hard ? value.rlim_max : value.rlim_cur;
    return number == RLIM_INFINITY ? json_null() : json_integer((json_int_t)number);
}

static json_t *port_range(void)
{
    char *text = file_read("/proc/sys/net/ipv4/ip_local_port_range", PROC_SIZE_MAX, NULL);
    int low = 0, high = 0, found = text != NULL ? sscanf(text, "%d %d", &low, &high) : 0;

    free(text);
    return found == 2 ? json_pack("[i, i]", low, high) : json_null();
}

static json_t *limits(void)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "nofile_soft",
                     limit(RLIMIT_NOFILE, false), "nofile_hard", limit(RLIMIT_NOFILE, true),
                     "nproc", limit(RLIMIT_NPROC, true), "pid_max",
                     machine_number("/proc/sys/kernel/pid_max"), "threads_max",
                     machine_number("/proc/sys/kernel/threads-max"), "max_map_count",
                     machine_number("/proc/sys/vm/max_map_count"), "somaxconn",
                     machine_number("/proc/sys/net/core/somaxconn"), "port_range", port_range(),
                     "tcp_tw_reuse", machine_number("/proc/sys/net/ipv4/tcp_tw_reuse"));
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

static json_t *git(const char *root)
{
    const char *revision_argv[] = {"git", "-C", root, "rev-parse", "HEAD", NULL};
    /* Without locks: a run that is killed must not leave one in the user's repository. */
    const char *dirty_argv[] = {"git",    "--no-optional-locks", "-C", root,
                                "status", "--porcelain",         NULL};
    char revision[TEXT_SIZE] = "", changed[TEXT_SIZE] = "";

    if (root == NULL || process_first_line(revision_argv, revision, sizeof(revision)) != 0 ||
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
    unsigned long long user = 0, nice = 0, system = 0, steal = 0;
    long per_second = sysconf(_SC_CLK_TCK);
    uint64_t tick_ns = per_second > 0 ? NS_PER_S / (uint64_t)per_second : 0;

    /* cpu user nice system idle iowait irq softirq steal */
    if (text == NULL ||
        sscanf(text, "cpu %llu %llu %llu %*u %*u %*u %*u %llu", &user, &nice, &system, &steal) != 4)
        user = nice = system = steal = 0;
    free(text);
    return (struct environment_cpu){(user + nice + system) * tick_ns, steal * tick_ns};
}

json_t *environment_read(const char *root)
{
    char virtualisation[TEXT_SIZE], kernel[TEXT_SIZE * 2] = "";
    struct utsname system;
    json_t *environment;

    if (uname(&system) == 0)
        snprintf(kernel, sizeof(kernel), "%s %s %s", system.sysname, system.release,
                 system.machine);
    virtualisation_read(virtualisation, sizeof(virtualisation));
    environment =
        json_pack("{s:o, s:I, s:I, s:o, s:o, s:o, s:f, s:I, s:o, s:o}", "cpu_model", cpu_model(),
                  "cores", (json_int_t)sysconf(_SC_NPROCESSORS_ONLN), "memory_bytes",
                  (json_int_t)sysconf(_SC_PHYS_PAGES) * (json_int_t)sysconf(_SC_PAGESIZE), "kernel",
                  text_or_null(kernel), "virtualisation", text_or_null(virtualisation), "limits",
                  limits(), "load_1m", environment_load().average, "steal_ns", (json_int_t)0,
                  "versions", versions(), "git", git(root));
    if (environment != NULL)
        machine_describe(environment);
    return environment;
}
