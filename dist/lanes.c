/* A rank of a lane on several machines: Open MPI starts it and merges what it leaves, and measures
 * nothing. Each rank learns how far its clock is from that of rank 0, takes its share of the
 * requests, and runs the lane as it is, as a plain process that writes a result file of its own;
 * all begin at one agreed time. Rank 0 adds the results up and prints two lines: the exit status
 * and a lane.result/1.
 *
 * No call of MPI waits by itself while a lane runs: a spinning rank would take the very cores that
 * are measured. Ranks say every second that they live. One that is silent is missing, of which the
 * result then tells; the results of the others are added all the same. lanes.sh looks after rank 0.
 *
 *   rank 0   clocks ─ start at T ─ lane … ─ own result ─┬─ merges ─ prints
 *   rank k   clocks ─ start at T ─ lane … ─ own result ─┘ */
#include <err.h>
#include <inttypes.h>
#include <mpi.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/child.h"
#include "common/clock.h"
#include "common/count.h"
#include "common/file.h"
#include "common/histogram.h"
#include "common/json.h"
#include "common/units.h"

#define PING_PONGS    20
#define LEAD_NS       NS_PER_S /* from the agreement to the start */
#define POLL_NS       (20 * NS_PER_MS)
#define ALIVE_NS      NS_PER_S
#define SILENT_NS     (4 * NS_PER_S) /* who is silent for so long is missing */
#define LATE_NS       NS_PER_S       /* who starts so late has not taken part */
#define STATUS_FAILED 1
#define STATUS_USAGE  2

enum tag { TAG_CLOCK, TAG_START, TAG_ALIVE, TAG_RESULT, TAG_END };

/* What rank 0 tells each other: times of CLOCK_REALTIME. */
struct start {
    uint64_t start_ns; /* of rank 0's clock */
    int64_t offset_ns; /* how far the rank's own clock is ahead of that */
    uint64_t round_trip_ns;
};

struct dist {
    int rank, size;
    uint64_t requests, concurrency, first_id; /* of all ranks */
    const char **lane;                        /* its program and arguments, ends with NULL */
    int lane_count;
    struct start start;
    char file[256];        /* the lane's own result */
    json_t *ranks;         /* of rank 0: what each rank says, or null */
    uint64_t *heard_ns;    /* of rank 0: when each was last heard of */
    uint64_t next_beat_ns; /* when to say that it lives */
};

static uint64_t real_ns(void)
{
    return clock_ns_of(CLOCK_REALTIME);
}

static uint64_t part(uint64_t total, const struct dist *d)
{
    uint64_t size = (uint64_t)d->size, rank = (uint64_t)d->rank;

    return total / size + (rank < total % size);
}

/* The part of all ranks before. */
static uint64_t part_before(uint64_t total, const struct dist *d)
{
    uint64_t size = (uint64_t)d->size, rank = (uint64_t)d->rank, more = total % size;

    return total / size * rank + (rank < more ? rank : more);
}

/* ---- Clocks and start -------------------------------------------------------------------- */

/* Of the trips to and fro the shortest tells most. */
static struct start measure_clock(int rank)
{
    struct start start = {.round_trip_ns = UINT64_MAX};

    for (int i = 0; i < PING_PONGS; i++) {
        uint64_t before = real_ns(), there, after;

        MPI_Send(&before, 1, MPI_UINT64_T, rank, TAG_CLOCK, MPI_COMM_WORLD);
        MPI_Recv(&there, 1, MPI_UINT64_T, rank, TAG_CLOCK, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        after = real_ns();
        if (after - before < start.round_trip_ns) {
            start.round_trip_ns = after - before;
            start.offset_ns = (int64_t)(there - before - start.round_trip_ns / 2);
        }
    }
    return start;
}

/* Waits with sleeps until rank 0 has sent a message of that kind. */
static void wait_for_message(enum tag tag)
{
    int there = 0;

    MPI_Iprobe(0, tag, MPI_COMM_WORLD, &there, MPI_STATUS_IGNORE);
    while (!there) {
        clock_sleep_until(clock_ns() + NS_PER_MS);
        MPI_Iprobe(0, tag, MPI_COMM_WORLD, &there, MPI_STATUS_IGNORE);
    }
}

static void answer_clock(void)
{
    uint64_t now;

    wait_for_message(TAG_CLOCK);
    for (int i = 0; i < PING_PONGS; i++) {
        MPI_Recv(&now, 1, MPI_UINT64_T, 0, TAG_CLOCK, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        now = real_ns();
        MPI_Send(&now, 1, MPI_UINT64_T, 0, TAG_CLOCK, MPI_COMM_WORLD);
    }
}

static void agree(struct dist *d)
{
    struct start *starts;

    if (d->rank > 0) {
        answer_clock();
        wait_for_message(TAG_START);
        MPI_Recv(&d->start, sizeof(d->start), MPI_BYTE, 0, TAG_START, MPI_COMM_WORLD,
                 MPI_STATUS_IGNORE);
        return;
    }
    starts = calloc((size_t)d->size, sizeof(*starts));
    for (int rank = 1; rank < d->size; rank++)
        starts[rank] = measure_clock(rank);
    d->start.start_ns = real_ns() + LEAD_NS;
    for (int rank = 1; rank < d->size; rank++) {
        starts[rank].start_ns = d->start.start_ns;
        MPI_Send(&starts[rank], sizeof(*starts), MPI_BYTE, rank, TAG_START, MPI_COMM_WORLD);
    }
    free(starts);
}

/* ---- What ranks tell rank 0 -------------------------------------------------------------- */

/* Rank 0 takes what is there, and says that it lives to who started it; the others say so to it. */
static void take_messages(struct dist *d)
{
    int there = 1, size;
    MPI_Status status;

    if (clock_ns() >= d->next_beat_ns && d->rank == 0) {
        d->next_beat_ns = clock_ns() + ALIVE_NS;
        printf("alive\n");
        fflush(stdout);
    } else if (clock_ns() >= d->next_beat_ns) {
        MPI_Request sent;

        d->next_beat_ns = clock_ns() + ALIVE_NS;
        MPI_Isend(NULL, 0, MPI_BYTE, 0, TAG_ALIVE, MPI_COMM_WORLD, &sent);
        MPI_Request_free(&sent);
    }
    while (d->rank == 0 && there) {
        char *text;

        MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, MPI_COMM_WORLD, &there, &status);
        if (!there)
            break;
        MPI_Get_count(&status, MPI_BYTE, &size);
        text = calloc(1, (size_t)size + 1);
        MPI_Recv(text, size, MPI_BYTE, status.MPI_SOURCE, status.MPI_TAG, MPI_COMM_WORLD,
                 MPI_STATUS_IGNORE);
        d->heard_ns[status.MPI_SOURCE] = clock_ns();
        if (status.MPI_TAG == TAG_RESULT)
            json_array_set_new(d->ranks, (size_t)status.MPI_SOURCE, json_loads(text, 0, NULL));
        free(text);
    }
}

/* Whether nothing more can be expected of any rank. */
static bool all_told(const struct dist *d)
{
    for (int rank = 0; rank < d->size; rank++)
        if (json_is_null(json_array_get(d->ranks, (size_t)rank)) &&
            clock_ns() < d->heard_ns[rank] + SILENT_NS)
            return false;
    return true;
}

/* ---- The lane ---------------------------------------------------------------------------- */

static void add(const char **argv, int *count, const char *option, char *text, uint64_t number)
{
    snprintf(text, UNITS_TEXT_SIZE, "%" PRIu64, number);
    argv[(*count)++] = option;
    argv[(*count)++] = text;
}

static _Noreturn void be_lane(const struct dist *d)
{
    uint64_t at_ns = d->start.start_ns + (uint64_t)d->start.offset_ns;
    char texts[4][UNITS_TEXT_SIZE];
    const char **argv = calloc((size_t)d->lane_count + 16, sizeof(*argv));
    int count = 0;

    setpgid(0, 0);
    dup2(STDERR_FILENO, STDOUT_FILENO); /* the other is rank 0's, for the result */
    argv[count++] = d->lane[0];
    add(argv, &count, "-n", texts[0], part(d->requests, d));
    add(argv, &count, "-c", texts[1], part(d->concurrency, d));
    add(argv, &count, "--first-id", texts[2], d->first_id + part_before(d->requests, d));
    snprintf(texts[3], sizeof(texts[3]), "%llu.%09llu", at_ns / NS_PER_S, at_ns % NS_PER_S);
    argv[count++] = "--start-at";
    argv[count++] = texts[3];
    argv[count++] = "--output";
    argv[count++] = d->file;
    for (int i = 1; i < d->lane_count; i++)
        argv[count++] = d->lane[i];
    execv(argv[0], (char *const *)argv);
    warn("%s", argv[0]);
    _exit(127);
}

/* Returns its exit status, or 128 and the signal that ended it. */
static int run_lane(struct dist *d)
{
    pid_t pid = child_fork(SIGTERM);
    int status = 0;

    if (pid == 0)
        be_lane(d);
    if (pid < 0)
        return STATUS_FAILED;
    while (waitpid(pid, &status, WNOHANG) == 0) {
        take_messages(d);
        clock_sleep_until(clock_ns() + POLL_NS);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* What the rank says of itself; `result` is null where its lane left none. */
static json_t *describe(const struct dist *d, int status)
{
    char host[64] = "?", reason[JSON_ERROR_SIZE];
    json_t *lines = access(d->file, R_OK) == 0 ? json_lines_load(d->file, reason) : NULL;
    json_t *result = json_incref(json_array_get(lines, 0)), *value;

    gethostname(host, sizeof(host) - 1);
    value = json_pack("{s:i, s:s, s:i, s:I, s:I, s:o?}", "rank", d->rank, "host", host, "status",
                      status, "clock_offset_ns", (json_int_t)d->start.offset_ns, "round_trip_ns",
                      (json_int_t)d->start.round_trip_ns, "result",
                      result != NULL ? result : json_null());
    json_decref(lines);
    return value;
}

/* ---- Merging ----------------------------------------------------------------------------- */

/* Adds a number of all results, or takes the `most` of them. */
static void fold(json_t *merged, const json_t *results, const char *parent, const char *key,
                 bool most)
{
    json_t *into = parent != NULL ? json_object_get(merged, parent) : merged, *from;
    json_int_t total = 0, value;
    size_t i;

    json_array_foreach((json_t *)results, i, from)
    {
        from = parent != NULL ? json_object_get(from, parent) : from;
        value = json_integer_value(json_object_get(from, key));
        total = !most ? total + value : value > total ? value : total;
    }
    json_object_set_new(into, key, json_integer(total));
}

static void merge_latency(json_t *merged, const json_t *results)
{
    struct histogram *all = calloc(1, sizeof(*all));
    json_t *result, *bucket, *parts = json_array();
    json_int_t most = 0;
    size_t i, k;

    json_array_foreach((json_t *)results, i, result)
    {
        json_int_t max = (json_int_t)json_number_at(result, "latency_ns.max", 0);

        most = max > most ? max : most;
        json_array_foreach(json_object_get(result, "latency_histogram"), k, bucket)
        {
            for (json_int_t n = json_integer_value(json_array_get(bucket, 1)); n > 0; n--)
                histogram_add(all, (uint64_t)json_integer_value(json_array_get(bucket, 0)));
        }
    }
    for (int percent = 5; percent <= 100; percent += 5)
        json_array_append_new(parts, json_integer((json_int_t)histogram_percentile(all, percent)));
    json_object_set_new(merged, "latency_histogram", histogram_to_json(all));
    json_object_set_new(merged, "latency_ns",
                        histogram_count(all) == 0
                            ? json_null()
                            : json_pack("{s:I, s:I, s:I, s:I, s:O}", "p50",
                                        (json_int_t)histogram_percentile(all, 50), "p90",
                                        (json_int_t)histogram_percentile(all, 90), "p99",
                                        (json_int_t)histogram_percentile(all, 99), "max", most,
                                        "twentieths", parts));
    json_decref(parts);
    free(all);
}

/* From the first start to the last end, by the clock of rank 0; sets of each rank how late it was,
 * and takes its result out. */
static void merge_times(json_t *merged, const struct dist *d)
{
    json_int_t first = INT64_MAX, last = 0;
    json_t *rank;
    size_t i;

    json_array_foreach(d->ranks, i, rank)
    {
        const json_t *result = json_object_get(rank, "result");
        json_int_t start = json_integer_value(json_object_get(result, "started_ns")) -
                           json_integer_value(json_object_get(rank, "clock_offset_ns"));
        json_int_t wall = json_integer_value(json_object_get(result, "wall_ns"));

        if (json_is_null(rank) || json_is_null(result))
            continue;
        first = start < first ? start : first;
        last = start + wall > last ? start + wall : last;
        json_object_set_new(rank, "start_late_ns",
                            json_integer(start - (json_int_t)d->start.start_ns));
        json_object_set_new(rank, "wall_ns", json_integer(wall));
        json_object_del(rank, "result");
    }
    json_object_set_new(merged, "started_ns", json_integer(first));
    json_object_set_new(merged, "wall_ns", json_integer(last - first));
}

/* The status of all, and in `why` what is wrong, or nothing. */
static int judge(const struct dist *d, char *why, size_t size)
{
    int status = 0;
    json_t *rank;
    size_t i, length = 0;

    why[0] = '\0';
    json_array_foreach(d->ranks, i, rank)
    {
        int own = (int)json_number_at(rank, "status", STATUS_FAILED);
        double late_ns = json_number_at(rank, "start_late_ns", 0);
        char host[128];

        snprintf(host, sizeof(host), "%srank %zu%s%.60s", length > 0 ? "; " : "", i,
                 json_is_null(rank) ? "" : " on ", json_text_at(rank, "host", ""));
        status = own > status ? own : status;
        if (json_is_null(rank))
            length += (size_t)snprintf(why + length, size - length, "%s is missing", host);
        else if (own != 0)
            length +=
                (size_t)snprintf(why + length, size - length, "%s ended with status %d", host, own);
        else if (late_ns > LATE_NS)
            length += (size_t)snprintf(why + length, size - length, "%s started %.1f s late", host,
                                       late_ns / 1e9);
        length = length < size ? length : size - 1;
    }
    return status > 128 && status != 130 ? STATUS_FAILED
           : status == 0 && length > 0   ? STATUS_FAILED
                                         : status;
}

/* Of what only one of them can say, the first that says it. */
static void take_first(json_t *merged, const json_t *results, const char *key)
{
    json_t *result, *value;
    size_t i;

    json_array_foreach((json_t *)results, i, result)
    {
        value = json_object_get(result, key);
        if (value != NULL && !json_is_null(value)) {
            json_object_set(merged, key, value);
            return;
        }
    }
}

/* All results as one, or NULL where there is none; what one lane alone can say is taken out. */
static json_t *merge(const struct dist *d)
{
    static const char *const sums[] = {"user_cpu_ns", "system_cpu_ns", "verified",
                                       "connections_opened", "resends"};
    static const char *const firsts[] = {"error", "limit", "connect_error"};
    static const char *const unknown[] = {"floor_ns", "load", "loop"};
    json_t *results = json_array(), *merged, *value;
    const char *key;
    size_t i;

    json_array_foreach(d->ranks, i, value)
    {
        if (json_is_object(json_object_get(value, "result")))
            json_array_append(results, json_object_get(value, "result"));
    }
    merged = json_deep_copy(json_array_get(results, 0));
    json_object_foreach(json_object_get(merged, "outcomes"), key, value)
    {
        fold(merged, results, "outcomes", key, false);
    }
    fold(merged, results, "workload", "processes", false);
    fold(merged, results, NULL, "max_rss_bytes", true);
    for (i = 0; i < COUNT_OF(sums); i++)
        fold(merged, results, NULL, sums[i], false);
    for (i = 0; i < COUNT_OF(firsts); i++)
        take_first(merged, results, firsts[i]);
    for (i = 0; i < COUNT_OF(unknown); i++)
        json_object_set_new(merged, unknown[i], json_null());
    json_object_del(merged, "in_flight_peak"); /* that is for the server to say */
    value = json_object_get(merged, "workload");
    json_object_set_new(value, "requests", json_integer((json_int_t)d->requests));
    json_object_set_new(value, "concurrency", json_integer((json_int_t)d->concurrency));
    json_object_set_new(value, "first_id", json_integer((json_int_t)d->first_id));
    merge_latency(merged, results);
    merge_times(merged, d);
    json_decref(results);
    return merged;
}

/* Prints the status, and the line of all together where there is any. Returns whether all ranks
 * have told. */
static bool print_merged(const struct dist *d)
{
    json_t *merged = merge(d), *rank;
    bool all = true;
    char why[1024];
    int status = judge(d, why, sizeof(why));
    size_t i;

    printf("status %d\n", status);
    if (why[0] != '\0') {
        warnx("%s", why);
        json_object_set_new(merged, "error", json_string(why));
    }
    if (merged != NULL) {
        json_object_set_new(merged, "valid", json_boolean(status == 0));
        json_object_set(merged, "ranks", d->ranks);
        json_dumpf(merged, stdout, JSON_COMPACT);
        printf("\n");
    }
    printf("end\n");
    fflush(stdout);
    json_decref(merged);
    json_array_foreach(d->ranks, i, rank)
    {
        all = all && !json_is_null(rank);
    }
    return all;
}

/* ---- The program ------------------------------------------------------------------------- */

/* Takes out of the lane's arguments those that concern all ranks. Returns whether N is said. */
static bool parse(struct dist *d, int argc, char **argv)
{
    const struct {
        const char *name, *letter;
        uint64_t *value;
    } counts[] = {{"--requests", "-n", &d->requests},
                  {"--concurrency", "-c", &d->concurrency},
                  {"--first-id", "--first-id", &d->first_id}};

    d->lane = calloc((size_t)argc + 1, sizeof(*d->lane));
    for (int i = 1; i < argc; i++) {
        size_t k = 0;

        while (k < COUNT_OF(counts) && strcmp(argv[i], counts[k].name) != 0 &&
               strcmp(argv[i], counts[k].letter) != 0)
            k++;
        if (k == COUNT_OF(counts))
            d->lane[d->lane_count++] = argv[i];
        else if (i + 1 == argc || units_parse_count(argv[++i], counts[k].value) < 0)
            return false;
    }
    if (d->concurrency == 0 || d->concurrency > d->requests)
        d->concurrency = d->requests;
    return d->lane_count > 0 && d->concurrency >= (uint64_t)d->size;
}

/* Ends the rank. Rank 0 tells those that have told whether all have. Where one is missing nobody
 * may wait for it, as MPI_Finalize() would. */
static _Noreturn void end(struct dist *d, bool all)
{
    for (int rank = 1; d->rank == 0 && rank < d->size; rank++)
        if (!json_is_null(json_array_get(d->ranks, (size_t)rank)))
            MPI_Send(&all, 1, MPI_C_BOOL, rank, TAG_END, MPI_COMM_WORLD);
    if (d->rank > 0) {
        wait_for_message(TAG_END);
        MPI_Recv(&all, 1, MPI_C_BOOL, 0, TAG_END, MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    }
    if (!all)
        _exit(EXIT_SUCCESS);
    unlink(d->file);
    MPI_Finalize();
    exit(EXIT_SUCCESS);
}

int main(int argc, char **argv)
{
    struct dist d = {.ranks = json_array()};
    const char *folder = getenv("TMPDIR"), *job = getenv("DIST_JOB");
    MPI_Request sent;
    json_t *own;
    char *text;

    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &d.rank);
    MPI_Comm_size(MPI_COMM_WORLD, &d.size);
    if (!parse(&d, argc, argv)) {
        if (d.rank == 0) {
            printf("status %d\nend\n", STATUS_USAGE);
            warnx("say the lane, its arguments with -n N and -c C of at least one for each of the "
                  "%d ranks, and the URL",
                  d.size);
        }
        MPI_Finalize();
        return EXIT_SUCCESS;
    }
    snprintf(d.file, sizeof(d.file), "%.150s/lanes-%.60s-%d.jsonl",
             folder != NULL ? folder : "/tmp", job != NULL ? job : "0", d.rank);
    unlink(d.file);
    agree(&d);
    d.heard_ns = calloc((size_t)d.size, sizeof(*d.heard_ns));
    for (int rank = 0; rank < d.size; rank++) {
        json_array_append_new(d.ranks, json_null());
        d.heard_ns[rank] = clock_ns() + LEAD_NS;
    }
    own = describe(&d, run_lane(&d));
    if (d.rank == 0) {
        json_array_set(d.ranks, 0, own);
        while (!all_told(&d)) {
            take_messages(&d);
            clock_sleep_until(clock_ns() + POLL_NS);
        }
        end(&d, print_merged(&d));
    }
    text = json_dumps(own, JSON_COMPACT);
    MPI_Isend(text, (int)strlen(text), MPI_BYTE, 0, TAG_RESULT, MPI_COMM_WORLD, &sent);
    end(&d, false);
}
