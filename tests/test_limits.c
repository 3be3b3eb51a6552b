/* Cores that may be used, and limits that a run comes up against: each is reproduced, named, and
 * lifted by the very command that is named. What this machine does not allow to be set is skipped.
 */
#include "tests/attack.h"
#include "tests/lane_run.h"

#include <math.h>
#include <sched.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/cores.h"
#include "common/count.h"
#include "common/file.h"
#include "common/json.h"
#include "common/limit.h"
#include "common/own_cgroup.h"

#define CHAIN  "--work", "cpu", "--rounds", "1000", "--cpu", "5ms"
#define SCRIPT 8192

/* ---- Cores ------------------------------------------------------------------------------- */

static cpu_set_t before;

/* This process, and so all that it starts, may use one core alone; or all as before. */
static int use_one_core(void **state)
{
    cpu_set_t one;
    int core = 0;

    (void)state;
    sched_getaffinity(0, sizeof(before), &before);
    while (!CPU_ISSET(core, &before))
        core++;
    CPU_ZERO(&one);
    CPU_SET(core, &one);
    return sched_setaffinity(0, sizeof(one), &one);
}

static int use_all_cores(void **state)
{
    sched_setaffinity(0, sizeof(before), &before);
    return end_leftovers(state);
}

static void floors_and_pools_are_for_the_cores_that_may_be_used(void **state)
{
    struct lane_run threads = run_lane("lane-threads", NULL, CHAIN, "-n", "8", "-c", "4", NULL);
    struct lane_run pool =
        run_lane("lane-async", NULL, CHAIN, "-n", "8", "--compute", "threads", NULL);
    struct cores cores = cores_read("");

    (void)state;
    assert_int_equal(cores.affinity, 1);
    assert_int_equal(cores_usable(), 1);
    assert_false(cores_may_run_on(CPU_SETSIZE - 1));
    if (cores.quota >= 1)
        assert_int_equal(number(&threads, "floor_ns"), 8 * 5 * NS_PER_MS);
    assert_int_equal(number(&pool, "workload.workers"), 1);
    lane_run_free(&pool);
    lane_run_free(&threads);
}

/* Whatever the language; where it is installed. */
static void twins_do_likewise(void **state)
{
    static const char *const twins[] = {"twins/python/python_procs.py", "build/go-goroutines",
                                        "twins/node/node-workers.mjs"};
    static const char *const arguments[] = {CHAIN, "-n", "8", "-c", "4", NULL};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(twins); i++) {
        struct lane_run twin;

        if (access(twins[i], X_OK) < 0)
            continue;
        twin = run_lane_at(twins[i], NULL, arguments);
        if (twin.finished.status != 3 && twin.finished.status != 127)
            assert_int_equal(number(&twin, "floor_ns"), 8 * 5 * NS_PER_MS);
        lane_run_free(&twin);
    }
}

static void doctor_says_which_cores(void **state)
{
    struct finished doctor = run("bench", "doctor", NULL);
    struct cores cores = cores_read("");
    char text[CORES_TEXT_SIZE];

    (void)state;
    expect_text(doctor.out, cores_describe(&cores, text));
    if (cores.online > 1 && cores.quota >= 1)
        assert_non_null(strstr(text, " cores: affinity"));
    finished_free(&doctor);
}

static void put(const char *root, const char *name, const char *text)
{
    char path[512];

    snprintf(path, sizeof(path), "%s/%s", root, name);
    *strrchr(path, '/') = '\0';
    assert_int_equal(file_make_folder(path), 0);
    snprintf(path, sizeof(path), "%s/%s", root, name);
    assert_int_equal(file_replace(path, text, strlen(text)), 0);
}

#define MOUNT_2 "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
#define MOUNT_1 "32 31 0:29 / /sys/fs/cgroup/cpu rw shared:9 - cgroup cgroup rw,cpu,cpuacct\n"

/* Trees of cgroups as machines have them. */
static const struct tree {
    const char *mounts, *own;
    struct {
        const char *name, *text;
    } files[6];
    double quota;
    uint64_t period_ms, periods, ns;
} trees[] = {
    {"", "0::/\n", {{NULL, NULL}}, INFINITY, 0, 0, 0},
    {MOUNT_2, "0::/a/b\n", {{"sys/fs/cgroup/a/b/cpu.max", "max 100000\n"}}, INFINITY, 0, 0, 0},
    /* The least of all above counts, and throttling of each. */
    {MOUNT_2,
     "0::/a/b\n",
     {{"sys/fs/cgroup/a/b/cpu.max", "400000 100000\n"},
      {"sys/fs/cgroup/a/cpu.max", "75000 50000\n"},
      {"sys/fs/cgroup/a/b/cpu.stat", "usage_usec 9\nnr_throttled 2\nthrottled_usec 30\n"},
      {"sys/fs/cgroup/a/cpu.stat", "usage_usec 9\nnr_throttled 5\nthrottled_usec 4\n"},
      {"sys/fs/cgroup/cpu.stat", "usage_usec 9\n"}},
     1.5,
     50,
     7,
     34000},
    /* A container sees its own part of the hierarchy, at the top of the mount. */
    {"30 23 0:26 /pods/x /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n",
     "0::/pods/x/y\n",
     {{"sys/fs/cgroup/y/cpu.max", "50000 100000\n"}, {"sys/fs/cgroup/cpu.max", "max 100000\n"}},
     0.5,
     100,
     0,
     0},
    {"30 23 0:26 /../other /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n",
     "0::/pods/x/y\n",
     {{"sys/fs/cgroup/cpu.max", "250000 100000\n"}},
     2.5,
     100,
     0,
     0},
    {MOUNT_1,
     "5:cpu,cpuacct:/a\n4:cpuset:/wrong\n",
     {{"sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "-1\n"},
      {"sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n"},
      {"sys/fs/cgroup/cpu/cpu.cfs_quota_us", "30000\n"},
      {"sys/fs/cgroup/cpu/cpu.cfs_period_us", "20000\n"},
      {"sys/fs/cgroup/cpu/cpu.stat", "nr_periods 9\nnr_throttled 3\nthrottled_time 777\n"}},
     1.5,
     20,
     3,
     777},
    /* Both versions at once: the controller is in the first. */
    {MOUNT_1 MOUNT_2,
     "5:cpu,cpuacct:/a\n0::/b\n",
     {{"sys/fs/cgroup/b/cgroup.procs", ""},
      {"sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "10000\n"},
      {"sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n"}},
     0.1,
     100,
     0,
     0},
};

static void quota_is_the_least_of_the_cgroups(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(trees); i++) {
        const struct tree *tree = &trees[i];
        char *root = folder_make();
        struct cores_throttled throttled;
        struct cores cores;

        put(root, "proc/self/mountinfo", tree->mounts);
        put(root, "proc/self/cgroup", tree->own);
        for (size_t f = 0; f < COUNT_OF(tree->files) && tree->files[f].name != NULL; f++)
            put(root, tree->files[f].name, tree->files[f].text);
        cores = cores_read(root);
        throttled = cores_throttled(root);
        if (cores.quota != tree->quota)
            fail_msg("tree %zu: %g cores instead of %g", i, cores.quota, tree->quota);
        assert_int_equal(cores.usable, ceil(fmin(cores.quota, (double)cores.affinity)));
        assert_int_equal(cores.period_ns, tree->period_ms * NS_PER_MS);
        assert_int_equal(throttled.periods, tree->periods);
        assert_int_equal(throttled.ns, tree->ns);
        folder_remove(root);
    }
}

static void cores_are_what_both_leave(void **state)
{
    const struct cores half = {8, 8, 0.5, 100 * NS_PER_MS, 1};
    const struct cores more = {8, 8, 1.5, 100 * NS_PER_MS, 2};
    const struct cores two = {8, 2, 4, 100 * NS_PER_MS, 2};
    const struct cores all = {8, 8, INFINITY, 0, 8};
    char text[CORES_TEXT_SIZE];

    (void)state;
    assert_string_equal(cores_describe(&more, text), "1.5 cores: cgroup quota");
    assert_string_equal(cores_describe(&two, text), "2 of 8 cores: affinity");
    assert_string_equal(cores_describe(&all, text), "8");
    assert_int_equal(cores_least_ns(&all, 10, 4, NS_PER_S), 3 * NS_PER_S);
    assert_int_equal(cores_least_ns(&all, 10, 100, NS_PER_S), 2 * NS_PER_S);
    assert_int_equal(cores_least_ns(&two, 10, 4, NS_PER_S), 5 * NS_PER_S);
    /* Of half a core each second of computing takes two, but for what two periods hold. */
    assert_int_equal(cores_least_ns(&half, 10, 4, NS_PER_S), 20 * NS_PER_S - 200 * NS_PER_MS);
    assert_int_equal(cores_least_ns(&half, 10, 10, NS_PER_MS), 2 * NS_PER_MS);
}

static void tasks_are_those_of_the_fullest_cgroup(void **state)
{
    char *root = folder_make();
    struct limit_tasks tasks;

    (void)state;
    put(root, "proc/self/mountinfo", MOUNT_2);
    put(root, "proc/self/cgroup", "0::/a/b\n");
    put(root, "sys/fs/cgroup/a/b/pids.max", "max\n");
    put(root, "sys/fs/cgroup/a/b/pids.current", "4\n");
    assert_true(limit_tasks(root).max == UINT64_MAX);
    put(root, "sys/fs/cgroup/a/pids.max", "100\n");
    put(root, "sys/fs/cgroup/a/pids.current", "90\n");
    put(root, "sys/fs/cgroup/a/b/pids.max", "50\n");
    tasks = limit_tasks(root);
    assert_int_equal(tasks.max, 100);
    assert_int_equal(tasks.used, 90);
    assert_non_null(strstr(tasks.file, "/sys/fs/cgroup/a/pids.max"));
    folder_remove(root);
}

/* ---- Limits ------------------------------------------------------------------------------ */

/* Runs a script of bash after `prefix` ("unshare", "-rn"). The programs of this build are in
 * $BUILD. */
static struct finished run_script(const char *const prefix[], const char *script)
{
    const char *argv[8] = {NULL};
    size_t count = 0;

    for (; prefix != NULL && prefix[count] != NULL; count++)
        argv[count] = prefix[count];
    argv[count++] = "bash";
    argv[count++] = "-c";
    argv[count] = script;
    return run_argv(argv);
}

static bool succeeds(const char *const prefix[], const char *script)
{
    struct finished finished = run_script(prefix, script);
    int status = finished.status;

    finished_free(&finished);
    return status == 0;
}

/* The command behind "raise it with: ", without what is said of it. */
static char *remedy_in(const struct finished *finished)
{
    const char *mark = "raise it with: ";
    const char *at = strstr(finished->err, mark);
    char *remedy, *end;

    at = at != NULL ? at : strstr(finished->out, mark);
    if (at == NULL)
        fail_msg("no remedy is named: %s%s", finished->out, finished->err);
    remedy = strdup(at + strlen(mark));
    remedy[strcspn(remedy, "\n")] = '\0';
    for (size_t i = 0; i < 2; i++) {
        end = strstr(remedy, i == 0 ? ", or lower" : " (as root");
        if (end != NULL)
            *end = '\0';
    }
    return remedy;
}

/* After `limit` the command must end with `status` and say `text`; after the limit and the remedy
 * that it named, if it can be `lifted` here, all must be well. */
static void expect_limit(const char *const prefix[], const char *limit, const char *command,
                         int status, const char *text, bool lifted)
{
    char script[SCRIPT];
    struct finished finished;
    char *remedy;

    attack_try("limits", limit, command);
    snprintf(script, sizeof(script), "%s\n%s", limit, command);
    finished = run_script(prefix, script);
    if ((status < 0 ? finished.status == 0 : finished.status != status) ||
        (strstr(finished.err, text) == NULL && strstr(finished.out, text) == NULL))
        fail_msg("%s: status %d\n%s%s", script, finished.status, finished.out, finished.err);
    remedy = remedy_in(&finished);
    finished_free(&finished);
    if (!lifted) {
        attack_held("limits", limit, command);
        free(remedy);
        return;
    }
    snprintf(script, sizeof(script), "%s\n{ %s; } >/dev/null || exit 99\n%s", limit, remedy,
             command);
    finished = run_script(prefix, script);
    if (finished.status != 0)
        fail_msg("%s: status %d\n%s%s", script, finished.status, finished.out, finished.err);
    attack_held("limits", limit, command);
    finished_free(&finished);
    free(remedy);
}

#define THREADS "$BUILD/lane-threads --work cpu --rounds 5000 -n 600 -c 300"

/* Threads that exist all at once. */
#define WAITING "$BUILD/lane-threads -n 300 -c 300 $URL"

static const struct resource_case {
    const char *limit, *command;
    int status; /* -1: any but 0 */
    const char *text;
} resources[] = {
    {"ulimit -Sv 75000", WAITING, -1, "the limit of address space (RLIMIT_AS) is 76800000"},
    {"ulimit -Sd 25000", WAITING, -1, "the limit of data (RLIMIT_DATA) is 25600000"},
    {"ulimit -Sf 1", THREADS " --quiet --records $FOLDER/records.csv", 1,
     "records.csv: File too large: the limit of the size of a file (RLIMIT_FSIZE) is 1024"},
    {"ulimit -Sf 1", "for i in 1 2; do " THREADS " --quiet -o $FOLDER/lines.jsonl || exit $?; done",
     1, "lines.jsonl: File too large: the limit of the size of a file (RLIMIT_FSIZE) is 1024"},
    {"ulimit -Sf 16",
     "echo '{\"schema\": \"bench.plan/1\", \"name\": \"tiny\", \"cells\": [{\"lane\": \"sync\", "
     "\"work\": \"cpu\", \"cpu\": \"1ms\", \"requests\": 2}], \"rounds\": 20}' >$FOLDER/tiny.json; "
     "$BUILD/bench run $FOLDER/tiny.json --results $FOLDER/results --no-report",
     3, "the limit of the size of a file (RLIMIT_FSIZE) is 16384"},
};

static void limits_of_resources_are_named_and_lifted(void **state)
{
    bool small = succeeds(NULL, "ulimit -Sv 75000; $BUILD/lane-threads --version");
    struct server server = server_start("--latency", "500ms", NULL);

    (void)state;
    setenv("URL", users_url(&server, ""), 1);
    for (size_t i = 0; i < COUNT_OF(resources); i++) {
        char *folder = folder_make();

        setenv("FOLDER", folder, 1);
        if (resources[i].status < 0 && !small) { /* sanitizers and valgrind take more than all */
            folder_remove(folder);
            continue;
        }
        expect_limit(NULL, resources[i].limit, resources[i].command, resources[i].status,
                     resources[i].text, true);
        folder_remove(folder);
    }
    server_stop(&server);
}

/* Only who may raise a hard limit can lift these. */
static void hard_limits_are_named_and_lifted(void **state)
{
    const char *other = geteuid() == 0 ? "setpriv --reuid=54321 --regid=54321 --clear-groups " : "";
    bool lifted = succeeds(NULL, "ulimit -n 100; ulimit -Hn 400");
    char command[512];

    (void)state;
    expect_limit(NULL, "ulimit -n 100",
                 "$BUILD/lane-threads -n 300 -c 300 http://127.0.0.1:1/{id}; (exit $(($? - 1)))", 2,
                 "open files (RLIMIT_NOFILE), but the limit is 100", lifted);
    snprintf(command, sizeof(command), "%s$BUILD/lane-sync --version", other);
    if (!succeeds(NULL, command))
        skip();
    snprintf(command, sizeof(command), "%s%s", other, THREADS);
    expect_limit(NULL, "ulimit -u 50", command, 3,
                 "processes and threads (RLIMIT_NPROC), but the limit is 50", lifted);
}

/* A cgroup of our own below the one we are in, with the file of its version; skips the test where
 * there can be none. Removed by cgroup_end(). */
static char group[PATH_MAX + 32];

static void cgroup_begin(const char *controller, const char *file_2, const char *file_1)
{
    struct own_cgroup at = {0};
    char path[sizeof(group) + 64];

    group[0] = '\0';
    while (group[0] == '\0' && own_cgroup_next(&at, "", controller)) {
        snprintf(group, sizeof(group), "%s/test-limits-%d", at.path, (int)getpid());
        snprintf(path, sizeof(path), "%s/%s", group, at.version == 2 ? file_2 : file_1);
        if (mkdir(group, 0755) == 0 && access(path, W_OK) == 0)
            continue;
        rmdir(group);
        group[0] = '\0';
    }
    if (group[0] == '\0')
        skip();
    setenv("GROUP", group, 1);
}

static int cgroup_end(void **state)
{
    int code = end_leftovers(state);

    for (int i = 0; i < 100 && group[0] != '\0' && rmdir(group) < 0; i++)
        usleep(10000);
    group[0] = '\0';
    return code;
}

static void limit_of_tasks_is_named_and_lifted(void **state)
{
    (void)state;
    cgroup_begin("pids", "pids.max", "pids.max");
    expect_limit(NULL, "echo $$ >$GROUP/cgroup.procs; echo 40 >$GROUP/pids.max", THREADS, 3,
                 "-c 300 needs 300 more tasks in its cgroup (pids.max), but of 40 there are ",
                 true);
}

static const char *const namespace[] = {"unshare", "-rn", NULL};
#define NAMESPACE                                                                                  \
    "ip link set lo up || exit 98\n"                                                               \
    "exec 3< <(exec $BUILD/mockserver --listen 127.0.0.1:0 --latency 20ms); server=$!\n"           \
    "trap 'kill $server' EXIT; read -u 3 _ _ url\n"
#define LANE "$BUILD/lane-threads --connections fresh -n 60 $url/users/{id}"

static void limit_of_ports_is_named_and_lifted(void **state)
{
    (void)state;
    if (!succeeds(
            namespace,
            "command -v sysctl && ip link set lo up && test -w /proc/sys/net/ipv4/tcp_tw_reuse"))
        skip();
    expect_limit(namespace, NAMESPACE "echo 40000 40019 >/proc/sys/net/ipv4/ip_local_port_range",
                 LANE " -c 40", 3, "-c 40 needs 40 ports to one address", true);
    /* Half of an address's ports, less some of a loop's own, so that none is searched for long. */
    expect_limit(namespace, NAMESPACE "echo 40000 40999 >/proc/sys/net/ipv4/ip_local_port_range",
                 "$BUILD/lane-async -n 1900 $url/users/{id}", 3,
                 "spread it with: --addresses 127.0.0.1-5 ", true);
    /* Few at once, but each is blocked for a minute after its end. */
    expect_limit(namespace,
                 NAMESPACE "echo 40000 40019 >/proc/sys/net/ipv4/ip_local_port_range\n"
                           "echo 0 >/proc/sys/net/ipv4/tcp_tw_reuse",
                 LANE " -c 5", 1, "Cannot assign requested address", true);
    expect_limit(namespace,
                 NAMESPACE "echo 40000 40019 >/proc/sys/net/ipv4/ip_local_port_range\n"
                           "echo 0 >/proc/sys/net/ipv4/tcp_tw_reuse",
                 LANE " -c 5 -o /dev/stdout --quiet", 1,
                 "\"limit\":\"all 20 ports (40000 to 40019) for connections to one address", false);
}

/* Beyond loopback a port waits for a minute after its connection: a second run is told before it
 * begins. */
static void ports_of_a_run_before_are_counted(void **state)
{
    static const char setup[] =
        "ip link set lo up && ip addr add 10.1.1.1/32 dev lo || exit 98\n"
        "exec 3< <(exec $BUILD/mockserver --listen 10.1.1.1:0 --latency 20ms); server=$!\n"
        "trap 'kill $server' EXIT; read -u 3 _ _ url\n"
        "echo 40000 40019 >/proc/sys/net/ipv4/ip_local_port_range\n"
        "$BUILD/lane-async -c 15 -n 15 $url/users/{id} >/dev/null || exit 97\n";

    (void)state;
    if (!succeeds(
            namespace,
            "command -v sysctl && ip link set lo up && test -w /proc/sys/net/ipv4/tcp_tw_reuse"))
        skip();
    expect_limit(namespace, setup, "$BUILD/lane-async -c 10 -n 15 $url/users/{id}", 3,
                 "but the limit is 5; 15 more are held by connections that ended less than a "
                 "minute ago: wait, or raise it with",
                 true);
}

/* ---- What the kernel counts -------------------------------------------------------------- */

/* A plan's samples, run in a place of its own after `setup`, behind `prefix`. */
static json_t *measure(const char *const prefix[], const char *setup, const char *cells)
{
    struct place place = make_place(cells);
    char script[SCRIPT];
    struct finished finished;
    json_t *samples;

    snprintf(script, sizeof(script), "%s\nexec %s run %s --results %s --no-report", setup,
             program("bench"), place.plan, place.results);
    finished = run_script(prefix, script);
    if (finished.status > 1)
        fail_msg("%s: status %d\n%s", script, finished.status, finished.err);
    samples = load(&place, "results.jsonl");
    assert_true(json_array_size(samples) >= 1);
    finished_free(&finished);
    remove_place(&place);
    return samples;
}

/* How many samples hold `text`: what is said of them in `noise` or `problems`. */
static size_t saying(const json_t *samples, const char *text)
{
    size_t i, count = 0;
    json_t *sample;

    json_array_foreach((json_t *)samples, i, sample)
    {
        char *line = json_dumps(sample, 0);

        count += strstr(line, text) != NULL;
        free(line);
    }
    return count;
}

static long sum(const json_t *samples, const char *path)
{
    json_t *sample;
    double all = 0;
    size_t i;

    json_array_foreach((json_t *)samples, i, sample) all += json_number_at(sample, path, 1e9);
    return (long)all;
}

#define BURST                                                                                      \
    PLAN("\"rounds\": 2, \"cells\": [{\"lane\": \"async\", \"requests\": 200, "                    \
         "\"concurrency\": 200, \"timeout\": \"4s\", \"latency\": \"5ms\", \"connections\": "      \
         "\"fresh\"}]")

static void full_queue_is_the_set_ups_fault(void **state)
{
    json_t *few, *many;

    (void)state;
    if (!succeeds(namespace,
                  "command -v sysctl && ip link set lo up && test -w /proc/sys/net/core/somaxconn"))
        skip();
    attack_try("limits", "net.core.somaxconn=1", "bench run");
    few = measure(namespace, "ip link set lo up; sysctl -qw net.core.somaxconn=1", BURST);
    many = measure(namespace, "ip link set lo up; sysctl -qw net.core.somaxconn=65535", BURST);
    assert_true(sum(few, "kernel.listen_overflows") > 0);
    assert_true(sum(few, "kernel.listen_drops") >= sum(few, "kernel.listen_overflows"));
    assert_true(saying(few, "which the set-up causes and not the model: sysctl -w "
                            "net.core.somaxconn=65535") > 0);
    assert_int_equal(sum(many, "kernel.listen_drops"), 0);
    assert_int_equal(sum(many, "kernel.throttled_periods"), 0);
    assert_int_equal(saying(many, "which the set-up causes"), 0);
    attack_held("limits", "net.core.somaxconn=1", "bench run");
    json_decref(many);
    json_decref(few);
}

static void used_up_quota_is_noise(void **state)
{
    json_t *samples;

    (void)state;
    cgroup_begin("cpu", "cpu.max", "cpu.cfs_quota_us");
    setenv("QUOTA",
           "if [ -e $GROUP/cpu.max ]; then echo 10000 100000 >$GROUP/cpu.max; else "
           "echo 100000 >$GROUP/cpu.cfs_period_us; echo 10000 >$GROUP/cpu.cfs_quota_us; fi",
           1);
    if (!succeeds(NULL, "eval \"$QUOTA\"; echo $$ >$GROUP/cgroup.procs"))
        skip();
    attack_try("limits", "the CPU quota of a cgroup", "bench run");
    samples = measure(NULL, "eval \"$QUOTA\"; echo $$ >$GROUP/cgroup.procs",
                      PLAN("\"rounds\": 1, \"cells\": [{\"lane\": \"threads\", \"work\": \"cpu\", "
                           "\"cpu\": \"20ms\", \"requests\": 10, \"concurrency\": 2}]"));
    assert_true(sum(samples, "kernel.throttled_periods") > 0);
    assert_true(sum(samples, "kernel.throttled_ns") > 0);
    assert_int_equal(saying(samples, "The CPU quota of the cgroup was used up in "), 1);
    /* 200 ms of computing, at a tenth of a core, but for two periods. */
    assert_int_equal(sum(samples, "lane.floor_ns"), 1800 * NS_PER_MS);
    assert_true(json_is_true(json_object_get(json_array_get(samples, 0), "valid")));
    attack_held("limits", "the CPU quota of a cgroup", "bench run");
    json_decref(samples);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(floors_and_pools_are_for_the_cores_that_may_be_used,
                                        use_one_core, use_all_cores),
        cmocka_unit_test_setup_teardown(twins_do_likewise, use_one_core, use_all_cores),
        cmocka_unit_test_setup_teardown(doctor_says_which_cores, use_one_core, use_all_cores),
        cmocka_unit_test(quota_is_the_least_of_the_cgroups),
        cmocka_unit_test(cores_are_what_both_leave),
        cmocka_unit_test(tasks_are_those_of_the_fullest_cgroup),
        cmocka_unit_test_teardown(limits_of_resources_are_named_and_lifted, end_leftovers),
        cmocka_unit_test_teardown(hard_limits_are_named_and_lifted, end_leftovers),
        cmocka_unit_test_teardown(limit_of_tasks_is_named_and_lifted, cgroup_end),
        cmocka_unit_test_teardown(limit_of_ports_is_named_and_lifted, end_leftovers),
        cmocka_unit_test_teardown(ports_of_a_run_before_are_counted, end_leftovers),
        cmocka_unit_test_teardown(full_queue_is_the_set_ups_fault, end_leftovers),
        cmocka_unit_test_teardown(used_up_quota_is_noise, cgroup_end),
    };
    char build[PATH_MAX];

    prctl(PR_SET_CHILD_SUBREAPER, 1UL);
    if (realpath(program(""), build) == NULL)
        return 1;
    setenv("BUILD", build, 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
