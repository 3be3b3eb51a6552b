#include "common/command_line.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "common/text_stream.h"
#include "common/units.h"

#define STATUS_USAGE   2
#define STATUS_MACHINE 3
#define STACK_LEAST    (256 << 10)
#define ROWS_MAX       40
#define KEY_FIRST      256 /* the key of the first row without a letter; of others their place more */
#define KEY_USAGE      (KEY_FIRST + ROWS_MAX)
#define GROUP_LAST     (-1)

struct parsing {
    const struct command_line *line;
    bool given[ROWS_MAX];
};

static int key_of(const struct command_line *line, size_t i)
{
    return line->rows[i].letter != 0 ? line->rows[i].letter : KEY_FIRST + (int)i;
}

bool command_line_given(const struct argp_state *state, const char *name)
{
    const struct parsing *p = state->input;

    for (size_t i = 0; i < p->line->count; i++)
        if (p->given[i] && strcmp(p->line->rows[i].name, name) == 0)
            return true;
    return false;
}

/* ---- One option -------------------------------------------------------------------------- */

static uint64_t read_time(struct argp_state *state, const struct option_row *row, const char *text)
{
    uint64_t ns = 0;

    if (units_parse_duration(text, &ns) < 0 || ns < row->min)
        argp_error(state, "--%s: '%s' is not a time%s; write it like 200ms, 1.5s or 2m", row->name,
                   text, row->min > 0 ? " above 0" : "");
    return ns;
}

uint64_t command_line_number(struct argp_state *state, const char *name, const char *text,
                             uint64_t min, uint64_t max)
{
    uint64_t value = 0;

    char to[32] = "on";

    if (units_parse_count(text, &value) == 0 && value >= min && value <= max)
        return value;
    if (max < UINT64_MAX)
        snprintf(to, sizeof(to), "to %" PRIu64, max);
    argp_error(state,
               "--%s: '%s' is not a whole number from %" PRIu64 " %s; write it like 1000 or 10k",
               name, text, min, to);
    return value;
}

static int read_word(struct argp_state *state, const struct option_row *row, const char *text)
{
    char list[256] = "";
    size_t length = 0;
    int i = 0;

    for (; row->words[i] != NULL; i++) {
        const char *before = i == 0 ? "" : row->words[i + 1] != NULL ? ", " : " or ";

        if (strcmp(row->words[i], text) == 0)
            return i;
        length +=
            (size_t)snprintf(list + length, sizeof(list) - length, "%s'%s'", before, row->words[i]);
        assert(length < sizeof(list));
    }
    argp_error(state, "--%s: '%s' is not %s", row->name, text, list);
    return 0;
}

static void set(struct argp_state *state, const struct command_line *line,
                const struct option_row *row, const char *text)
{
    void *place = (char *)line->options + row->offset;

    if ((row->feature & ~line->features) != 0)
        argp_error(state, "%s has no --%s: use %s", line->program, row->name, row->elsewhere);
    switch (row->kind) {
    case OPTION_FLAG:
        *(bool *)place = true;
        break;
    case OPTION_TEXT:
        *(const char **)place = text;
        break;
    case OPTION_TIME:
        *(uint64_t *)place = read_time(state, row, text);
        break;
    case OPTION_NUMBER:
        *(uint64_t *)place = command_line_number(state, row->name, text, row->min, row->max);
        break;
    case OPTION_WORD:
        *(int *)place = read_word(state, row, text);
        break;
    case OPTION_SPECIAL:
        row->set(state, text, line->options);
        break;
    case OPTION_GROUP:
    case OPTION_IGNORED:
        break;
    }
}

/* ---- The whole line ---------------------------------------------------------------------- */

static void print_version(const struct command_line *line)
{
    printf("%s %s", line->program, SUITE_VERSION);
    if (line->libraries != NULL)
        printf(" (%s)", line->libraries);
    printf("\n");
    exit(EXIT_SUCCESS);
}

static error_t on_key(int key, char *text, struct argp_state *state)
{
    struct parsing *p = state->input;
    const struct command_line *line = p->line;

    switch (key) {
    case 'h':
        argp_state_help(state, stdout, ARGP_HELP_STD_HELP);
        return 0;
    case KEY_USAGE:
        argp_state_help(state, stdout, ARGP_HELP_USAGE | ARGP_HELP_EXIT_OK);
        return 0;
    case 'V':
        print_version(line);
        return 0;
    case ARGP_KEY_ARG:
        if (line->take == NULL)
            argp_error(state, "'%s' is no option; options begin with --", text);
        line->take(state, text, line->options);
        return 0;
    case ARGP_KEY_END:
        if (line->complete != NULL)
            line->complete(state, line->options);
        return 0;
    }
    for (size_t i = 0; i < line->count; i++) {
        if (key != key_of(line, i))
            continue;
        p->given[i] = true;
        set(state, line, &line->rows[i], text);
        return 0;
    }
    return ARGP_ERR_UNKNOWN;
}

/* As argp wants it. A row's group is the number of headings so far. */
static void fill_table(const struct command_line *line, struct argp_option *table)
{
    const struct argp_option own[] = {
        {NULL, 0, NULL, 0, "Help:", GROUP_LAST},
        {"help", 'h', NULL, 0, "Give this list, and end", 0},
        {"usage", KEY_USAGE, NULL, 0, "Give a short usage message, and end", 0},
        {"version", 'V', NULL, 0, "Print the version, and end", 0},
    };

    for (size_t i = 0; i < line->count; i++) {
        const struct option_row *row = &line->rows[i];
        bool taken = (row->feature & ~line->features) == 0;

        if (row->kind == OPTION_GROUP)
            table[i] = (struct argp_option){.doc = row->help};
        else
            table[i] = (struct argp_option){
                row->name, key_of(line, i), row->argument, taken ? 0 : OPTION_HIDDEN, row->help, 0};
    }
    memcpy(table + line->count, own, sizeof(own));
}

/* argp shows what stands before the \v above the options, the rest below them. */
static void write_doc(const struct command_line *line, FILE *text)
{
    fprintf(text, "%s\v", line->summary);
    if (line->details != NULL)
        fprintf(text, "%s\n\n", line->details);
    fprintf(text, "Examples:\n");
    for (size_t i = 0; line->examples[i] != NULL; i++)
        fprintf(text, "  %s %s\n", line->program, line->examples[i]);
    fprintf(text, "\nExit status: %s.", line->statuses);
}

/* At the end of a program that has its answer, which may be 1: what it has printed, --help
 * included, may not have reached anything. Of a failure another line tells the reason. Who reads no
 * further has what he wanted, and is told nothing. stdio does not keep why a write failed, so one
 * more byte is written; should that reach something again, the output is cut off before it all the
 * same. */
static void check_output(int status, void *unused)
{
    bool failed = ferror(stdout) != 0;

    (void)unused;
    if (status > EXIT_FAILURE || (fflush(stdout) == 0 && !failed))
        return;
    errno = EIO;
    if (write(STDOUT_FILENO, "\n", 1) == 1 || errno != EPIPE)
        fprintf(stderr, "%s: cannot write the output: %s; free space, or write elsewhere\n",
                program_invocation_short_name, strerror(errno));
    _exit(EXIT_FAILURE);
}

/* Whoever starts a program may have closed what it takes to be open: a file that is opened later
 * would be written to as standard output, and libuv aborts. What takes the place cannot be used, so
 * that a closed output is still an error. A write that fails is one that is told, not the end. */
static void mend_start(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY); /* takes the least free */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

/* With less a program would end by SIGSEGV somewhere, without a word. */
static void check_stack(const struct command_line *line)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_STACK, &limit) < 0 || limit.rlim_cur >= STACK_LEAST)
        return;
    fprintf(stderr,
            "%s: the limit of the stack (RLIMIT_STACK) is %ju bytes, and %d are needed; raise it: "
            "ulimit -s 8192\n",
            line->program, (uintmax_t)limit.rlim_cur, STACK_LEAST);
    exit(STATUS_MACHINE);
}

/* Of an option that is wrong argp says so itself. */
static _Noreturn void lack_memory(const struct command_line *line)
{
    fprintf(stderr, "%s: there is no memory for its options\n", line->program);
    exit(STATUS_MACHINE);
}

void command_line_parse(const struct command_line *line, int argc, char **argv)
{
    struct argp_option table[ROWS_MAX + 5] = {0};
    struct parsing parsing = {.line = line};
    char *doc;
    struct text_stream text;
    struct argp argp = {.options = table, .parser = on_key, .args_doc = line->arguments};

    mend_start();
    check_stack(line);
    on_exit(check_output, NULL);
    assert(line->count <= ROWS_MAX);
    assert(line->summary != NULL && line->examples != NULL && line->statuses != NULL);
    fill_table(line, table);
    text_stream_begin(&text);
    if (text.file != NULL)
        write_doc(line, text.file);
    if (text_stream_end(&text, &doc, NULL) < 0)
        lack_memory(line);
    argp.doc = doc;
    argp_err_exit_status = STATUS_USAGE;
    if (argp_parse(&argp, argc, argv, ARGP_NO_HELP, NULL, &parsing) != 0)
        lack_memory(line);
    free(doc);
}
