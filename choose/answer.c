#include "choose/answer.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "report/format.h"
#include "report/table.h"

#define WAITS    0.8 /* a share of the wall time from which on it is what decides */
#define COMPUTES 0.6

struct sentences {
    char take[400], reason[400], changes[3][400];
};

/* ---- Sentences --------------------------------------------------------------------------- */

/* A time as short as it can be said, in one of four texts that take turns. */
static const char *time_text(double ns)
{
    static char texts[4][FORMAT_SIZE];
    static unsigned turn;
    char *text = texts[turn++ % 4];

    format_duration(text, ns);
    return text;
}

static const char *count_text(uint64_t count)
{
    static char texts[4][FORMAT_SIZE];
    static unsigned turn;
    char *text = texts[turn++ % 4];

    format_count(text, (double)count);
    return text;
}

static void say_reason(char *text, size_t size, const struct candidate *chosen,
                       const struct question *q)
{
    const struct prediction *p = &chosen->predicted;
    double computing_ns =
        (double)q->load.requests * candidate_own_ns(chosen, &q->load) * chosen->lane->compute;

    if (q->load.rate > 0 && !p->keeps_up)
        snprintf(text, size, "None of them keeps up with %s calls a second.",
                 count_text((uint64_t)q->load.rate));
    else if (q->load.rate > 0)
        snprintf(text, size, "It keeps up: of 100 calls 99 are done %s after they were due.",
                 time_text(p->p99_ns));
    else if (p->waiting_ns >= WAITS * p->wall_ns)
        snprintf(text, size,
                 "Waiting dominates: with %s in flight the waits alone come to %s, in any model.",
                 count_text(chosen->concurrency), time_text(p->waiting_ns));
    else if (p->computing_ns >= COMPUTES * p->wall_ns)
        snprintf(text, size,
                 "Computing is the limit: %s of CPU time, for which this takes %s at least.",
                 time_text(computing_ns), time_text(p->computing_ns));
    else
        snprintf(text, size,
                 "What the calls themselves cost is the limit: %s for each, beside waiting (%s) "
                 "and computing.",
                 time_text((p->wall_ns - p->waiting_ns) / (double)q->load.requests),
                 time_text(p->waiting_ns));
}

/* What would be the answer with more or less computing, and without the loop. */
static void say_changes(struct sentences *said, const struct candidates *candidates,
                        const struct question *q)
{
    const struct candidate *all = candidates->all, *chosen = &all[candidates->chosen];
    size_t other;

    for (int up = 0; up < 2; up++) {
        double cpu_ns = candidates_crossing(candidates, q, up, &other);

        if (!isnan(cpu_ns))
            snprintf(said->changes[up], sizeof(said->changes[up]),
                     up ? "From about %s of computing per call on, it would be: %s."
                        : "Below about %s of computing per call, it would be: %s.",
                     time_text(cpu_ns), all[other].name);
    }
    for (size_t i = 0; i < candidates->possible; i++)
        if (strcmp(all[i].lane->model, "threads") == 0 && chosen->simplicity > all[i].simplicity)
            snprintf(said->changes[2], sizeof(said->changes[2]),
                     "If your client library blocks, take %s.", all[i].name);
}

static struct sentences say(const struct candidates *candidates, const struct question *q)
{
    const struct candidate *fastest = candidates->all, *chosen = fastest + candidates->chosen;
    struct sentences said = {.take = ""};
    char with[80] = "";

    if (chosen->concurrency > 1)
        snprintf(with, sizeof(with), " with %s in flight", count_text(chosen->concurrency));
    snprintf(said.take, sizeof(said.take), "Take: %s%s. %s", chosen->name, with,
             chosen != fastest
                 ? "Nothing is clearly faster, and nothing that is as fast is simpler."
                 : "It is the fastest, and nothing simpler comes near.");
    say_reason(said.reason, sizeof(said.reason), chosen, q);
    say_changes(&said, candidates, q);
    return said;
}

static void print_question(const struct question *q)
{
    char memory[FORMAT_SIZE];

    if (q->load.rate > 0)
        printf("%s calls a second, each waiting %s", count_text((uint64_t)q->load.rate),
               q->latency_text);
    else
        printf("%s calls, each waiting %s", count_text(q->load.requests), q->latency_text);
    if (q->load.own_ns > 0)
        printf(" and computing %s", time_text(q->load.own_ns));
    printf(", on %s cores", count_text(q->cores));
    format_bytes(memory, (double)q->memory_bytes);
    if (q->memory_bytes > 0)
        printf(", within %s", memory);
    puts("\n");
}

/* ---- The table --------------------------------------------------------------------------- */

static const char schema[] =
    "CREATE TABLE candidates (model, lane, language, concurrency, wall_ns, wall_error_ns, p99_ns,"
    " p99_error_ns, keeps_up, cpu_ns, cpu_error_ns, memory_bytes, memory_error_bytes, note,"
    " impossible, limited_by)";

static const char *note(const struct candidates *candidates, size_t i)
{
    const struct candidate *one = &candidates->all[i];

    return i == candidates->chosen ? "<- take this"
           : one->equal            ? "no clear difference"
           : one->open             ? "likely slower"
           : one->limit[0] != '\0' ? one->limit
                                   : "";
}

static int fill(struct dataset *dataset, const struct candidates *candidates)
{
    int code = 0;

    for (size_t i = 0; i < candidates->count && code == 0; i++) {
        const struct candidate *c = &candidates->all[i];
        const struct prediction *p = &c->predicted;

        if (c->impossible[0] != '\0')
            code =
                dataset_execute(dataset,
                                "INSERT INTO candidates (model, lane, language, impossible) "
                                "VALUES (?, ?, ?, ?)",
                                "ssss", c->name, c->lane->lane, c->lane->language, c->impossible);
        else
            code = dataset_execute(
                dataset, "INSERT INTO candidates VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,NULL,?)",
                "sssiddddiddddss", c->name, c->lane->lane, c->lane->language, (int)c->concurrency,
                p->wall_ns, p->wall_error_ns, p->p99_ns, p->p99_error_ns, (int)p->keeps_up,
                p->cpu_ns, p->cpu_error_ns, isnan(p->memory_bytes) ? -1 : p->memory_bytes,
                p->memory_error_bytes, note(candidates, i), c->limit);
    }
    return code;
}

#define NAME "model || iif(language = 'c', '', ' (' || lane || ')') model"
#define PLUS_MINUS(format, figure, error)                                                          \
    "short(" format "(" figure ")) || ' ± ' || short(" format "(" error "))"

static const char wall_table[] =
    "SELECT " NAME ", count_text(concurrency) \"C>\","
    " " PLUS_MINUS(
        "duration", "wall_ns",
        "wall_error_ns") " \"wall, predicted>\","
                         " short(duration(cpu_ns)) \"CPU>\", iif(memory_bytes > 0,"
                         " " PLUS_MINUS(
                             "bytes", "memory_bytes",
                             "memory_error_bytes") ", '–') \"memory>\", note \"\""
                                                   " FROM candidates WHERE impossible IS NULL";

static const char rate_table[] =
    "SELECT " NAME ", count_text(concurrency) \"C>\", iif(keeps_up, 'yes', 'no') \"keeps up\","
    " " PLUS_MINUS(
        "duration", "p99_ns",
        "p99_error_ns") " \"p99, predicted>\","
                        " short(duration(cpu_ns)) \"CPU>\", iif(memory_bytes > 0,"
                        " " PLUS_MINUS(
                            "bytes", "memory_bytes",
                            "memory_error_bytes") ", '–') \"memory>\", note \"\""
                                                  " FROM candidates WHERE impossible IS NULL";

static int write_table(struct dataset *dataset, const char *sql, struct error *error)
{
    sqlite3_stmt *rows = dataset_query(dataset, sql, error);
    int code = rows != NULL ? table_write(stdout, rows, TABLE_TERMINAL) : -EINVAL;

    sqlite3_finalize(rows);
    return code < 0 ? code : 0;
}

static int print_text(struct dataset *dataset, const struct candidates *candidates,
                      const struct question *q, const struct parameters *parameters,
                      const char *source, struct error *error)
{
    struct sentences said = {.take = ""};
    int code;

    print_question(q);
    code = write_table(dataset, q->load.rate > 0 ? rate_table : wall_table, error);
    if (candidates->possible > 0) {
        said = say(candidates, q);
        printf("\n%s\n%s\n", said.take, said.reason);
        if (candidates->all[candidates->chosen].limit[0] != '\0')
            printf("More in flight than that there cannot be: %s.\n",
                   candidates->all[candidates->chosen].limit);
    }
    for (int i = 0; i < 3; i++)
        if (said.changes[i][0] != '\0')
            puts(said.changes[i]);
    for (size_t i = candidates->possible; i < candidates->count; i++)
        printf("Not possible: %s, since %s.\n", candidates->all[i].name,
               candidates->all[i].impossible);
    printf("\nFrom measurements of %s: %s, %s cores, %s. ± is what 9 of 10 stay within.\n", source,
           json_text_at(parameters->about, "cpu_model", "?"),
           count_text((uint64_t)json_number_at(parameters->about, "cores", 0)),
           json_text_at(parameters->about, "started_at", "?"));
    return code;
}

static int print_json(struct dataset *dataset, const struct candidates *candidates,
                      const struct question *q, const struct parameters *parameters,
                      const char *source, struct error *error)
{
    sqlite3_stmt *rows = dataset_query(dataset, "SELECT * FROM candidates", error);
    json_t *said = json_object(), *changes = json_array();

    if (rows == NULL || said == NULL || changes == NULL)
        return error_set(error, -ENOMEM, "no memory for the answer");
    json_object_set_new(said, "schema", json_string("choose.answer/1"));
    json_object_set_new(said, "measured", json_string(source));
    json_object_set_new(said, "question",
                        json_pack("{s:I, s:f, s:s, s:b, s:f, s:f, s:f, s:I, s:s}", "calls",
                                  (json_int_t)q->load.requests, "rate", q->load.rate, "latency",
                                  q->latency_text, "drawn", q->load.latency.kind != LATENCY_FIXED,
                                  "a_ns", q->load.latency.a_ns, "b_ns", q->load.latency.b_ns,
                                  "cpu_ns", q->load.own_ns, "cores", (json_int_t)q->cores,
                                  "language", q->language));
    json_object_set(said, "parameters", parameters->about);
    json_object_set_new(said, "candidates", table_json(rows));
    json_object_set_new(said, "changes", changes);
    if (candidates->possible > 0) {
        const struct candidate *chosen = &candidates->all[candidates->chosen];
        struct sentences texts = say(candidates, q);

        for (int i = 0; i < 3; i++)
            if (texts.changes[i][0] != '\0')
                json_array_append_new(changes, json_string(texts.changes[i]));
        json_object_set_new(said, "take",
                            json_pack("{s:s, s:s, s:I, s:s, s:s}", "model", chosen->name, "lane",
                                      chosen->lane->lane, "concurrency",
                                      (json_int_t)chosen->concurrency, "sentence", texts.take,
                                      "reason", texts.reason));
    }
    json_dumpf(said, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(said);
    sqlite3_finalize(rows);
    return 0;
}

int answer_print(const struct candidates *candidates, const struct question *q,
                 const struct parameters *parameters, const char *source, bool json,
                 struct error *error)
{
    struct dataset dataset;
    int code = dataset_open(&dataset, error);

    if (code == 0)
        code = dataset_run(&dataset, schema, error);
    if (code == 0 && fill(&dataset, candidates) < 0)
        code = error_set(error, -ENOMEM, "no memory for the answer");
    if (code == 0)
        code = (json ? print_json : print_text)(&dataset, candidates, q, parameters, source, error);
    dataset_close(&dataset);
    return code;
}
