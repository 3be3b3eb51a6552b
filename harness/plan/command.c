#include "harness/plan/command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/text_stream.h"
#include "common/units.h"
#include "harness/plan/keys.h"

/* A command while it grows; one word that did not fit is enough to give it up. */
struct builder {
    struct command *command;
    bool failed;
};

static void add_word(struct builder *builder, const char *word)
{
    struct command *command = builder->command;
    char **words = realloc(command->words, (command->count + 2) * sizeof(*words));
    char *copy = words != NULL ? strdup(word) : NULL;

    if (words != NULL) {
        command->words = words;
        words[command->count] = copy;
        words[command->count + (copy != NULL)] = NULL;
    }
    command->count += copy != NULL;
    builder->failed = builder->failed || copy == NULL;
}

static void add_option(struct builder *builder, const char *option, const char *value)
{
    if (value == NULL)
        return;
    add_word(builder, option);
    if (value[0] != '\0')
        add_word(builder, value);
}

static void add_list(struct builder *builder, const json_t *words)
{
    json_t *word;
    size_t i;

    json_array_foreach((json_t *)words, i, word)
    {
        add_word(builder, json_string_value(word));
    }
}

/* Without a calibration the lane finds out itself how many rounds an item takes. */
static void add_calibration(struct builder *builder, const struct calibration *known)
{
    char rounds[UNITS_TEXT_SIZE];

    if (known == NULL || known->rounds == 0)
        return;
    snprintf(rounds, sizeof(rounds), "%" PRIu64, known->rounds);
    add_option(builder, "--rounds", rounds);
    add_option(builder, "--digest", known->digest);
}

/* Where nothing is drawn, a seed says nothing; a lane's own is the server's. */
static void add_seed(struct builder *builder, const struct cell *cell)
{
    char seed[UNITS_TEXT_SIZE];

    if (cell->seed == SERVER_SEED_DEFAULT || strcmp(cell->lane->language, "c") != 0 ||
        (!cell_draws(cell) && cell->arrivals == NULL))
        return;
    snprintf(seed, sizeof(seed), "%" PRIu64, cell->seed);
    add_option(builder, "--seed", seed);
}

static void add_keys(struct builder *builder, const struct cell *cell)
{
    unsigned section = cell->memory ? KEYS_PASS : KEYS_CELL;
    char text[UNITS_TEXT_SIZE];

    for (const struct key *key = keys; key < keys + keys_count; key++) {
        /* How many tasks sleep at once is said although no plan may say it. */
        bool said = keys_apply(key, cell->work.kind) || strcmp(key->name, "concurrency") == 0;

        if (key->option == NULL || (key->sections & section) == 0 || !said)
            continue;
        add_option(builder, key->option, keys_argument(key, cell, text));
        if (strcmp(key->name, "cpu") == 0)
            add_calibration(builder, cell->work.calibration);
    }
}

/* Whether it is one of the user's own, which need not be ours. */
static bool is_own_url(const struct cell *cell, const char *server_url)
{
    const char *own = cell->plan != NULL ? cell->plan->server_url : NULL;

    return own != NULL && strcmp(server_url, own) == 0;
}

/* Our server listens on as many. */
static void add_addresses(struct builder *builder, const struct cell *cell, const char *server_url)
{
    char range[32];

    snprintf(range, sizeof(range), "127.0.0.1-%" PRIu64, cell_processes(cell));
    if (cell_processes(cell) > 1 && !is_own_url(cell, server_url))
        add_option(builder, "--addresses", range);
}

static void add_url(struct builder *builder, const struct cell *cell, const char *server_url)
{
    char latency[UNITS_TEXT_SIZE], url[512];

    if (is_own_url(cell, server_url))
        snprintf(url, sizeof(url), "%s", server_url);
    else if (cell->work.kind == CELL_SQL)
        snprintf(url, sizeof(url), "%s%s", server_url,
                 units_exact_duration(cell->latency_ns, latency));
    else if (cell->work.kind == CELL_FILE)
        snprintf(url, sizeof(url), "%s/%s/{id}", server_url,
                 units_exact_duration(cell->latency_ns, latency));
    else
        snprintf(url, sizeof(url), "%s/users/{id}?delay=%s%s", server_url,
                 cell_draws(cell) ? cell->latency.spec
                                  : units_exact_duration(cell->latency_ns, latency),
                 cell->work.kind == CELL_WEBSOCKET ? "&chat=1s" : "");
    add_word(builder, url);
}

int cell_command(const struct cell *cell, const char *server_url, const struct cell_files *files,
                 struct command *command)
{
    struct builder builder = {.command = command};

    *command = (struct command){0};
    if (files != NULL && files->hosts != NULL) {
        add_word(&builder, files->launcher);
        add_word(&builder, files->hosts);
    }
    add_word(&builder, files != NULL ? cell->lane->path : cell->lane->program);
    add_keys(&builder, cell);
    add_seed(&builder, cell);
    add_list(&builder, cell->lane->arguments);
    add_list(&builder, cell->arguments);
    if (cell->plan != NULL && (cell->work.kind == CELL_IO || cell->work.kind == CELL_MIXED))
        add_list(&builder, cell->plan->request_options);
    add_word(&builder, "--quiet");
    if (files == NULL || files->hosts == NULL)
        add_addresses(&builder, cell, server_url);
    if (files != NULL) {
        add_option(&builder, "--output", files->output);
        add_option(&builder, "--records", files->records);
        add_option(&builder, "--ready", files->ready);
    }
    if (cell_work_requests(&cell->work))
        add_url(&builder, cell, server_url);
    if (builder.failed)
        command_free(command);
    return builder.failed ? -ENOMEM : 0;
}

void command_free(struct command *command)
{
    for (size_t i = 0; i < command->count; i++)
        free(command->words[i]);
    free(command->words);
    *command = (struct command){0};
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
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "-_./:=,+@%";
    struct text_stream text;
    char *bytes;

    text_stream_begin(&text);
    for (size_t i = 0; text.file != NULL && i < command->count; i++) {
        const char *word = command->words[i];

        if (i > 0)
            fputc(' ', text.file);
        if (word[0] == '\0' || word[strspn(word, safe)] != '\0')
            write_quoted(text.file, word);
        else
            fputs(word, text.file);
    }
    text_stream_end(&text, &bytes, NULL);
    return bytes;
}
