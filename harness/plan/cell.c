#include "harness/plan/cell.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/units.h"

int cell_name(struct cell *cell)
{
    char time[UNITS_TEXT_SIZE + 1] = "", work[CELL_ID_SIZE];
    size_t work_length = cell_work_suffix(&cell->work, work, sizeof(work));
    int length;

    if (cell->memory)
        strcpy(time, "-memory");
    else if (cell_work_requests(&cell->work)) {
        time[0] = '-';
        cell_duration(cell->latency_ns, time + 1);
    }
    length = snprintf(cell->id, sizeof(cell->id), "%s-n%" PRIu64 "-c%" PRIu64 "%s%s%s%s",
                      cell->lane->name, cell->requests, cell->concurrency, time, work,
                      cell->connections != NULL ? "-" : "",
                      cell->connections != NULL ? cell->connections : "");
    return length < (int)sizeof(cell->id) && work_length < sizeof(work) ? 0 : -ENAMETOOLONG;
}

static uint64_t divide_up(uint64_t count, uint64_t by)
{
    return (count + by - 1) / by;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t greatest(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

uint64_t cell_cores(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);

    return count > 0 ? (uint64_t)count : 1;
}

/* The wall time where `parallel` items are computed at once, and C are in flight. */
static uint64_t time_with(const struct cell *cell, uint64_t parallel)
{
    uint64_t n = cell->requests, cpu_ns = cell->work.cpu_ns;
    uint64_t latency_ns = cell->work.kind == CELL_CPU ? 0 : cell->latency_ns;
    uint64_t in_turn_ns = divide_up(n, cell->concurrency) * (latency_ns + cpu_ns);

    return greatest(in_turn_ns, divide_up(n, least(parallel, cell->concurrency)) * cpu_ns);
}

uint64_t cell_floor_ns(const struct cell *cell)
{
    return time_with(cell, cell_cores());
}

uint64_t cell_serial_ns(const struct cell *cell)
{
    return time_with(cell, 1);
}

uint64_t cell_expected_ns(const struct cell *cell)
{
    const struct cell_work *work = &cell->work;
    uint64_t threads = work->loops > 0 ? work->loops : 1;

    if (work->compute != NULL && strcmp(work->compute, "loop") != 0)
        threads = work->workers > 0 ? work->workers : cell_cores();
    else if (strcmp(cell->lane->model, "async") != 0)
        threads = cell->concurrency;
    return time_with(cell, work->gil ? 1 : least(threads, cell_cores()));
}

uint64_t cell_in_flight(const struct cell *cell)
{
    return cell->requests < cell->concurrency ? cell->requests : cell->concurrency;
}

const char *cell_duration(uint64_t ns, char *text)
{
    static const struct {
        uint64_t ns;
        const char *name;
    } units[] = {{NS_PER_S, "s"}, {NS_PER_MS, "ms"}, {NS_PER_US, "us"}, {1, "ns"}};
    size_t i = 0;

    if (ns == 0)
        return strcpy(text, "0");
    while (ns % units[i].ns != 0)
        i++;
    snprintf(text, UNITS_TEXT_SIZE, "%" PRIu64 "%s", ns / units[i].ns, units[i].name);
    return text;
}

/* Returns whether all has gone well so far, and with this word. */
static bool add_word(struct command *command, bool ok, const char *word)
{
    char **words;

    if (!ok)
        return false;
    words = realloc(command->words, (command->count + 2) * sizeof(*words));
    if (words == NULL)
        return false;
    command->words = words;
    words[command->count] = strdup(word);
    words[command->count + 1] = NULL;
    return words[command->count++] != NULL;
}

static bool add_option(struct command *command, bool ok, const char *option, const char *value)
{
    return value == NULL ? ok : add_word(command, add_word(command, ok, option), value);
}

static bool add_count(struct command *command, bool ok, const char *option, uint64_t count)
{
    char text[32];

    snprintf(text, sizeof(text), "%" PRIu64, count);
    return add_option(command, ok, option, text);
}

static bool add_duration(struct command *command, bool ok, const char *option, uint64_t ns)
{
    char text[UNITS_TEXT_SIZE];

    return add_option(command, ok, option, cell_duration(ns, text));
}

static bool add_list(struct command *command, bool ok, const json_t *words)
{
    json_t *word;
    size_t i;

    json_array_foreach((json_t *)words, i, word)
    {
        ok = add_word(command, ok, json_string_value(word));
    }
    return ok;
}

/* Without a calibration the lane finds out itself how many rounds an item takes. */
static bool add_item(struct command *command, bool ok, const struct cell_work *work)
{
    const struct calibration *known = work->calibration;

    ok = add_duration(command, ok, "--cpu", work->cpu_ns);
    if (known != NULL && known->rounds > 0) {
        ok = add_count(command, ok, "--rounds", known->rounds);
        ok = add_option(command, ok, "--digest", known->digest);
    }
    if (work->block_bytes != BLOCK_BYTES_DEFAULT)
        ok = add_count(command, ok, "--block", work->block_bytes);
    return ok;
}

static bool add_work(struct command *command, bool ok, const struct cell_work *work)
{
    if (work->kind != CELL_IO)
        ok = add_option(command, ok, "--work", cell_work_name(work->kind));
    if (cell_work_computes(work))
        ok = add_item(command, ok, work);
    ok = add_option(command, ok, "--compute", work->compute);
    if (work->workers > 0)
        ok = add_count(command, ok, "--workers", work->workers);
    if (work->loops > 1)
        ok = add_count(command, ok, "--loops", work->loops);
    return work->gil ? add_word(command, ok, "--gil") : ok;
}

static bool add_url(struct command *command, bool ok, const struct cell *cell,
                    const char *server_url)
{
    char latency[UNITS_TEXT_SIZE], url[256];

    cell_duration(cell->latency_ns, latency);
    if (strstr(server_url, "{id}") != NULL)
        snprintf(url, sizeof(url), "%s", server_url);
    else
        snprintf(url, sizeof(url), "%s/users/{id}?delay=%s", server_url, latency);
    return add_word(command, ok, url);
}

int cell_command(const struct cell *cell, const char *server_url, const struct cell_files *files,
                 struct command *command)
{
    bool requests = cell_work_requests(&cell->work), ok;

    *command = (struct command){0};
    ok = add_word(command, true, cell->lane->path);
    ok = add_count(command, ok, "-n", cell->requests);
    ok = add_count(command, ok, "-c", cell->concurrency);
    if (cell->work.kind != CELL_CPU)
        ok = add_duration(command, ok, "--latency", cell->latency_ns);
    ok = add_work(command, ok, &cell->work);
    ok = add_option(command, ok, "--connections", cell->connections);
    if (cell->timeout_ns > 0)
        ok = add_duration(command, ok, "--timeout", cell->timeout_ns);
    ok = add_list(command, ok, cell->lane->arguments);
    ok = add_list(command, ok, cell->arguments);
    ok = add_word(command, ok, "--quiet");
    ok = add_option(command, ok, "--output", files->output);
    ok = add_option(command, ok, "--records", files->records);
    ok = add_option(command, ok, "--ready", files->ready);
    if (requests)
        ok = add_url(command, ok, cell, server_url);
    if (!ok)
        command_free(command);
    return ok ? 0 : -ENOMEM;
}

void command_free(struct command *command)
{
    for (size_t i = 0; i < command->count; i++)
        free(command->words[i]);
    free(command->words);
    *command = (struct command){0};
}

static bool needs_quotes(const char *word)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "-_./:=,+@%";

    return word[0] == '\0' || word[strspn(word, safe)] != '\0';
}

/* Single quotes keep everything as it is but the single quote itself, which is written '\''. */
static void write_quoted(FILE *stream, const char *word)
{
    fputc('\'', stream);
    for (; *word != '\0'; word++) {
        if (*word == '\'')
            fputs("'\\''", stream);
        else
            fputc(*word, stream);
    }
    fputc('\'', stream);
}

char *command_text(const struct command *command)
{
    char *text = NULL;
    size_t size;
    FILE *stream = open_memstream(&text, &size);

    if (stream == NULL)
        return NULL;
    for (size_t i = 0; i < command->count; i++) {
        if (i > 0)
            fputc(' ', stream);
        if (needs_quotes(command->words[i]))
            write_quoted(stream, command->words[i]);
        else
            fputs(command->words[i], stream);
    }
    if (fclose(stream) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
