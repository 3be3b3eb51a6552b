/* The memory of a lane is the same whether `bench` runs it or nobody does, whoever else maps its
 * libraries, and as a reading by hand says: of smaps_rollup and of a cgroup, with a shell and awk.
 */
#include "tests/place.h"
#include "tests/lane_run.h"

#include <math.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/count.h"
#include "common/json.h"
#include "harness/memory/cgroup.h"
#include "common/process/proctree.h"

#define TOLERANCE 0.02

/* Where its addresses are random, a process has a page table more or less by chance: 2 % of the
 * memory of many processes. So none are random here, where that is allowed. */
static bool addresses_are_fixed;

static const struct held {
    const char *lane;
    int requests;
    const char *delay;
} helds[] = {{"threads", 300, "3s"}, {"procs", 60, "3s"}, {"async", 600, "3s"}};

static void assert_near(const char *what, double a, double b)
{
    if (!(a > 0 && b > 0 && fabs(a - b) <= TOLERANCE * fmin(a, b)))
        fail_msg("%s: %.0f against %.0f, %.2f %% apart", what, a, b, 100 * fabs(a - b) / b);
}

/* The number that a shell command prints, with `$tree` the processes of the lane `pid`. */
static double by_hand(pid_t pid, const char *command)
{
    char text[1024];
    double number = -1;
    FILE *shell;

    snprintf(text, sizeof(text), "cd /proc; tree=\"%d $(cat %d/task/%d/children)\"; %s", (int)pid,
             (int)pid, (int)pid, command);
    shell = popen(text, "r");
    assert_non_null(shell);
    assert_int_equal(fscanf(shell, "%lf", &number), 1);
    pclose(shell);
    return number;
}

#define SUM(file, fields)                                                                          \
    "for p in $tree; do cat $p/" file "; done | awk '/^(" fields "):/ {s += $2} END {print s * "   \
    "1024}'"

/* What the cgroup says of the kernel, else the page tables. */
static double kernel_by_hand(pid_t pid, const struct cgroup *cgroup)
{
    char command[PATH_MAX + 128];

    if (cgroup->version == 0)
        return by_hand(pid, SUM("status", "VmPTE"));
    snprintf(command, sizeof(command),
             cgroup->version == 1
                 ? "cd %s; echo $(($(cat memory.kmem.usage_in_bytes) + "
                   "$(cat memory.kmem.tcp.usage_in_bytes)))"
                 : "awk '/^(kernel|sock) / {s += $2} END {print s}' %s/memory.stat",
             cgroup->path);
    return by_hand(pid, command);
}

static pid_t start_lane(const struct held *held, const struct cgroup *cgroup,
                        const struct server *server)
{
    char command[2 * PATH_MAX], folder[PATH_MAX + 64] = "";
    char *build = realpath(program("."), NULL);

    if (cgroup->version != 0)
        snprintf(folder, sizeof(folder), "echo $$ > %s/cgroup.procs; ", cgroup->path);
    /* Word by word what bench runs: a longer URL is more memory in each request. */
    snprintf(command, sizeof(command),
             "%sexec %s/lane-%s -n %d -c %d --latency 3s --quiet --output /dev/null "
             "'%s/users/{id}?delay=%s'",
             folder, build, held->lane, held->requests, held->requests, server->url, held->delay);
    free(build);
    return start((const char *const[]){"sh", "-c", command, NULL}, NULL, NULL);
}

static void wait_in_flight(const struct server *server, int requests)
{
    uint64_t deadline = clock_ns() + 60 * NS_PER_S;
    double in_flight = 0;

    while (in_flight != requests && clock_ns() < deadline) {
        char *text = server_request(server, "/stats", 0);
        json_t *stats = json_loads(text, 0, NULL);

        in_flight = json_number_at(stats, "in_flight", 0);
        json_decref(stats);
        free(text);
        usleep(20000);
    }
    assert_int_equal(in_flight, requests);
}

/* The lane alone, without bench: its headline, and the files that it maps where it is one process.
 */
static void read_by_hand(const struct held *held, double *memory, double *files)
{
    struct server server = server_start("--latency", "0", NULL);
    struct cgroup cgroup;
    pid_t pid;

    cgroup_make(&cgroup);
    pid = start_lane(held, &cgroup, &server);
    wait_in_flight(&server, held->requests);
    *memory =
        by_hand(pid, SUM("smaps_rollup", "Pss_Anon|Pss_Shmem")) + kernel_by_hand(pid, &cgroup);
    *files = by_hand(pid, SUM("smaps_rollup", "Rss")) -
             by_hand(pid, SUM("smaps_rollup", "Anonymous|Pss_Shmem"));
    assert_int_equal(wait_for(pid, 60), 0);
    cgroup_remove(&cgroup);
    server_stop(&server);
}

/* What `bench show` says of a memory pass; a new reference. */
static json_t *pass_of_bench(const struct held *held)
{
    char plan[512];
    struct place place;
    struct finished finished;
    json_t *shown, *pass;

    snprintf(plan, sizeof(plan),
             "{\"schema\": \"bench.plan/1\", \"name\": \"tiny\", \"cells\": [], \"memory\": "
             "{\"hold\": \"3s\", \"rounds\": 1, \"cells\": [{\"lane\": \"%s\", "
             "\"requests\": %d, \"concurrency\": %d}]}}",
             held->lane, held->requests, held->requests);
    place = make_place(plan);
    finished = expect_run(&place, 0);
    finished_free(&finished);
    finished = run("bench", "show", only_run(&place), "--json", NULL);
    shown = json_loads(finished.out, 0, NULL);
    pass = json_incref(json_array_get(json_object_get(shown, "memory"), 0));
    assert_int_equal(json_number_at(pass, "confirmed", 0), 1);
    json_decref(shown);
    finished_free(&finished);
    folder_remove(place.folder);
    return pass;
}

static void memory_is_what_a_reading_by_hand_says(void **state)
{
    const struct held *held = *state;
    double memory, files;
    json_t *pass;

    if (on_valgrind() || (!addresses_are_fixed && strcmp(held->lane, "procs") == 0))
        skip();
    read_by_hand(held, &memory, &files);
    pass = pass_of_bench(held);
    assert_near("memory", json_number_at(pass, "memory_bytes", 0), memory);
    if (json_number_at(pass, "processes", 0) == 1)
        assert_near("libraries", json_number_at(pass, "library_bytes", 0), files);
    json_decref(pass);
}

/* Ten more that map the same libraries: PSS falls, the others stay. */
static void memory_does_not_depend_on_who_else_runs(void **state)
{
    const struct held *held = *state, other = {held->lane, 1, "600s"};
    struct server server = server_start("--latency", "0", NULL);
    struct cgroup none = {0};
    json_t *alone, *beside;

    if (on_valgrind() || (!addresses_are_fixed && strcmp(held->lane, "procs") == 0))
        skip();
    alone = pass_of_bench(held);
    for (int i = 0; i < 10; i++)
        start_lane(&other, &none, &server);
    wait_in_flight(&server, 10);
    beside = pass_of_bench(held);
    assert_near("memory", json_number_at(beside, "memory_bytes", 0),
                json_number_at(alone, "memory_bytes", 0));
    assert_near("libraries", json_number_at(beside, "library_bytes", 0),
                json_number_at(alone, "library_bytes", 0));
    assert_true(json_number_at(beside, "pss_bytes", 0) < json_number_at(alone, "pss_bytes", 0));
    json_decref(alone);
    json_decref(beside);
    proctree_kill_descendants(server.pid);
    server_stop(&server);
}

/* Of 1000 threads the stacks are what lane-threads asks for, and far from all that is virtual. */
static void stacks_are_told_from_arenas(void **state)
{
    if (SANITIZED)
        skip();

    const struct held *held = *state;
    json_t *pass = pass_of_bench(held);
    double stacks = json_number_at(pass, "stack_bytes", -1);
    double reserved = json_number_at(pass, "stack_virtual_bytes", -1);

    assert_true(reserved >= 100e3 * held->requests && reserved <= 200e3 * held->requests);
    assert_true(stacks >= 4096.0 * held->requests && stacks <= reserved);
    assert_true(stacks < json_number_at(pass, "pss_anon_bytes", 0));
    assert_true(reserved < json_number_at(pass, "virtual_bytes", 0) / 2);
    json_decref(pass);
}

#define EACH(test, i)                                                                              \
    {                                                                                              \
#test "_" #i, test, NULL, end_leftovers, (void *)&helds[i]                                 \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        EACH(memory_is_what_a_reading_by_hand_says, 0),
        EACH(memory_is_what_a_reading_by_hand_says, 1),
        EACH(memory_is_what_a_reading_by_hand_says, 2),
        EACH(memory_does_not_depend_on_who_else_runs, 0),
        EACH(memory_does_not_depend_on_who_else_runs, 1),
        EACH(memory_does_not_depend_on_who_else_runs, 2),
        EACH(stacks_are_told_from_arenas, 0),
    };

    addresses_are_fixed = personality(ADDR_NO_RANDOMIZE) >= 0;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
