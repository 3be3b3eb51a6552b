/* Every answer of hostile.c, and a right one that ends at each of its bytes: first with a
 * connection that is closed behind it, then with one that stays open. No program may hang or crash;
 * the lanes in C, and all others where it says so, must see what hostile.c says.
 *
 * Many answers are tried in one run of a program. Where that run hangs or crashes, each of its
 * answers is tried again in a run of its own: so it is known which of them do it. */
#include "tests/contract_peers.h"

#include "tests/attack.h"
#include "tests/contract_run.h"
#include "tests/hostile.h"
#include "tests/peer.h"
#include "workload/recorder.h"

#define PARTS_MAX 12 /* of the answers: a lane that has one in flight is started so often */
#define PART_S    60 /* for a part to end */
#define ALONE_MAX 8  /* runs with one answer each, at once */
#define ALONE_S   20 /* for such a run to end, beside its timeout */
#define ENDLESS   (4 << 20)
#define RIGHT     "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{\"id\": @@@   }"

/* One answer for each request. What is expected of all of them is one word each. */
struct attempt {
    const char *kind, *name;
    struct peer_answer answer;
    char expected[16]; /* "": any outcome that is documented */
};

struct part {
    struct peer peer;
    struct attempt *attempts;
    struct peer_answer *answers;
    size_t count;
    char *folder;
    pid_t pid;
    int status; /* negative: it did not end */
};

static const char *kind_of(bool open, const struct twin *twin)
{
    if (twin->package == NULL)
        return open ? "answers left open, lanes in C" : "answers then closed, lanes in C";
    return open ? "answers left open, twins" : "answers then closed, twins";
}

/* ---- Running them ------------------------------------------------------------------------ */

static void start_part(struct part *part, const struct twin *twin, int timeout_s)
{
    char count[16], timeout[16], records[512];
    const char *all[ARGUMENTS_MAX], *argv[ARGUMENTS_MAX + 2];
    int arguments;

    part->folder = folder_make();
    part->answers = malloc(part->count * sizeof(*part->answers));
    for (size_t i = 0; i < part->count; i++)
        part->answers[i] = part->attempts[i].answer;
    part->peer = peer_start_each(part->answers, part->count);
    snprintf(count, sizeof(count), "%zu", part->count);
    snprintf(timeout, sizeof(timeout), "%ds", timeout_s);
    snprintf(records, sizeof(records), "%s/records.csv", part->folder);
    arguments = add_arguments(twin, all,
                              (const char *const[]){"-n", count, "-c", at_once(twin, "100"), "-t",
                                                    timeout, "--connections", "fresh", "--records",
                                                    records, "--quiet", NULL});
    argv[0] = twin_path(twin);
    memcpy(argv + 1, all, (size_t)arguments * sizeof(*all));
    argv[1 + arguments] = peer_url(&part->peer);
    argv[2 + arguments] = NULL;
    part->pid = start(argv, NULL, path_in(part->folder, "err"));
}

static bool is_outcome(const char *word)
{
    for (enum outcome outcome = OUTCOME_OK; outcome < OUTCOME_COUNT; outcome++)
        if (strcmp(word, outcome_name(outcome)) == 0)
            return true;
    return false;
}

/* Returns how many have not held. */
static size_t check_records(const struct part *part, const struct twin *twin)
{
    char *text = read_in(part->folder, "records.csv"), *rest;
    size_t rows = 0, wrong = 0;

    strtok_r(text, "\n", &rest);
    for (char *row = strtok_r(NULL, "\n", &rest); row; row = strtok_r(NULL, "\n", &rest), rows++) {
        size_t id = strtoul(row, NULL, 10);
        const struct attempt *attempt = &part->attempts[id];
        const char *outcome;

        assert_true(id < part->count);
        *strrchr(row, ',') = '\0';
        outcome = strrchr(row, ',') + 1;
        if (attempt->expected[0] != '\0' ? strcmp(outcome, attempt->expected) == 0
                                         : is_outcome(outcome)) {
            attack_held(attempt->kind, attempt->name, twin->name);
            continue;
        }
        print_error("%s: %s: '%s' is %s, not %s\n", twin->name, attempt->kind, attempt->name,
                    outcome, attempt->expected);
        wrong++;
    }
    free(text);
    if (rows != part->count)
        print_error("%s: %zu records of %zu\n", twin->name, rows, part->count);
    return wrong + (part->count > rows ? part->count - rows : 0);
}

static void end_part(struct part *part, int limit_s)
{
    part->status = wait_at_most(part->pid, limit_s);
    peer_stop(&part->peer);
}

static void free_part(struct part *part)
{
    folder_remove(part->folder);
    free(part->answers);
}

/* Its only answer has not held. */
static void tell_end(const struct part *part, const struct twin *twin)
{
    const struct attempt *attempt = part->attempts;
    char *err = read_in(part->folder, "err");

    print_error("%s: %s: '%s' %s (status %d) %.300s\n", twin->name, attempt->kind, attempt->name,
                part->status < 0 ? "does not end" : "ends it", part->status, err);
    free(err);
}

/* Returns how many have not held. */
static size_t try_each(struct attempt *attempts, size_t count, const struct twin *twin,
                       int timeout_s)
{
    struct part parts[ALONE_MAX];
    size_t wrong = 0, used;

    for (size_t first = 0; first < count; first += used) {
        used = count - first < ALONE_MAX ? count - first : ALONE_MAX;
        for (size_t i = 0; i < used; i++) {
            parts[i] = (struct part){.attempts = attempts + first + i, .count = 1};
            start_part(&parts[i], twin, timeout_s);
        }
        for (size_t i = 0; i < used; i++) {
            bool ended;

            end_part(&parts[i], timeout_s + ALONE_S);
            ended = parts[i].status == 0 || parts[i].status == 1;
            if (!ended)
                tell_end(&parts[i], twin);
            wrong += ended ? check_records(&parts[i], twin) : 1;
            free_part(&parts[i]);
        }
    }
    return wrong;
}

/* Likewise. */
static size_t try_all(struct attempt *attempts, size_t count, const struct twin *twin,
                      int timeout_s)
{
    struct part parts[PARTS_MAX];
    size_t used = twin->sequential && count >= PARTS_MAX ? PARTS_MAX : 1, wrong = 0;

    for (size_t i = 0; i < count; i++)
        attack_try(attempts[i].kind, attempts[i].name, twin->name);
    for (size_t i = 0; i < used; i++) {
        size_t first = count * i / used;

        parts[i] =
            (struct part){.attempts = attempts + first, .count = count * (i + 1) / used - first};
        start_part(&parts[i], twin, timeout_s);
    }
    for (size_t i = 0; i < used; i++)
        end_part(&parts[i], PART_S);
    for (size_t i = 0; i < used; i++) {
        if (parts[i].status == 0 || parts[i].status == 1)
            wrong += check_records(&parts[i], twin);
        else
            wrong += try_each(parts[i].attempts, parts[i].count, twin, timeout_s);
        free_part(&parts[i]);
    }
    return wrong;
}

/* ---- What is sent ------------------------------------------------------------------------ */

/* Which of the words "reset timeout" holds for this end; one word holds for both. */
static void expect(struct attempt *attempt, const char *words, bool open)
{
    const char *second = strchr(words, ' ');
    size_t size = strcspn(words, " ");

    if (open && second != NULL)
        words = second + 1, size = strlen(words);
    snprintf(attempt->expected, sizeof(attempt->expected), "%.*s", (int)size, words);
}

static struct attempt attempt_of(const struct hostile *row, const struct twin *twin, bool open)
{
    struct attempt attempt = {.kind = kind_of(open, twin),
                              .name = row->name,
                              .answer = {.text = row->answer.text,
                                         .size = row->answer.size,
                                         .end = open ? PEER_HANGS : PEER_CLOSES,
                                         .again = row->again.text,
                                         .again_size = row->again.size,
                                         .again_bytes = ENDLESS}};

    if (twin->package == NULL || row->everybody)
        expect(&attempt, twin->client != NULL && row->raw != NULL ? row->raw : row->curl, open);
    return attempt;
}

/* Twins read what has no end apart from the rest: with some libraries in Python it takes seconds of
 * the loop, and minutes in all, so only `make attack` does it, and else contract_peers.c the kinds
 * of it. The lanes' loops go on beside it. */
static void try_hostile(const struct twin *twin, bool open)
{
    struct attempt *attempts = calloc(hostile_count, sizeof(*attempts));
    bool apart = twin->package != NULL;
    int parts = apart && attack_runs() ? 2 : 1;
    size_t wrong = 0;

    for (int endless = 0; endless < parts; endless++) {
        size_t count = 0;

        for (size_t i = 0; i < hostile_count; i++)
            if (!apart || (hostile[i].again.text != NULL) == endless)
                attempts[count++] = attempt_of(&hostile[i], twin, open);
        wrong += try_all(attempts, count, twin, open ? 2 : 20);
    }
    free(attempts);
    assert_int_equal(wrong, 0);
}

void hostile_answers_then_closed(void **state)
{
    try_hostile(*state, false);
}

void hostile_answers_left_open(void **state)
{
    try_hostile(*state, true);
}

/* Before its header is whole it is a reset, and then it is truncated. */
void hostile_ends_at_each_byte(void **state)
{
    enum { SIZE = sizeof(RIGHT) - 1 };
    const size_t header = (size_t)(strstr(RIGHT, "\r\n\r\n") + 4 - RIGHT);
    const struct twin *twin = *state;
    struct attempt attempts[2 * SIZE];
    char names[SIZE][32];

    for (size_t i = 0; i < 2 * SIZE; i++) {
        size_t bytes = i / 2;
        bool open = i % 2 == 1;

        snprintf(names[bytes], sizeof(names[bytes]), "%zu bytes of an answer", bytes);
        attempts[i] = (struct attempt){.kind = kind_of(open, twin),
                                       .name = names[bytes],
                                       .answer = {.text = bytes > 0 ? RIGHT : "",
                                                  .size = bytes,
                                                  .end = open ? PEER_HANGS : PEER_CLOSES}};
        if (twin->package == NULL)
            expect(&attempts[i], bytes < header ? "reset timeout" : "truncated timeout", open);
    }
    assert_int_equal(try_all(attempts, 2 * SIZE, twin, 1), 0);
}
