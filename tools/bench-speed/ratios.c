/* From samples to the table of goals.
 *
 *     ratios GOALS SAMPLES SKIPPED
 *
 * GOALS is tools/bench-speed/goals. SAMPLES has lines "PROGRAM ROUND VALUE", of which those of one
 * round make pairs. SKIPPED has lines "PROGRAM REASON". Prints the table in Markdown. Exit status:
 * 0; 1 where a goal is missed; 2 where a file cannot be read or used. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/ratio.h"
#include "common/stats.h"

#define SAMPLES_MAX 8192
#define ROUNDS_MAX  256
#define LINE_SIZE   512

struct sample {
    char program[32];
    unsigned round;
    double value;
};

struct goal {
    const char *work, *measured, *against, *unit;
    bool at_most;
    double limit;
};

static struct sample samples[SAMPLES_MAX];
static size_t sample_count;
static const char *skipped_file;

static FILE *open_file(const char *name)
{
    FILE *file = fopen(name, "re");

    if (file == NULL) {
        perror(name);
        exit(2);
    }
    return file;
}

static void read_samples(const char *name)
{
    FILE *file = open_file(name);

    for (struct sample *s = samples;
         sample_count < SAMPLES_MAX &&
         fscanf(file, "%31s %u %lf", s->program, &s->round, &s->value) == 3;
         s++)
        sample_count++;
    if (!feof(file)) {
        fprintf(stderr, "%s: sample %zu is none, or one too many\n", name, sample_count + 1);
        exit(2);
    }
    fclose(file);
}

/* Why a program was left out. Returns false where it was not. */
static bool find_reason(const char *program, char *reason)
{
    size_t size = strcspn(program, ".");
    FILE *file = open_file(skipped_file);
    char name[32];
    bool found = false;

    while (!found && fscanf(file, "%31s %200[^\n]", name, reason) == 2)
        found = strlen(name) == size && memcmp(name, program, size) == 0;
    fclose(file);
    return found;
}

/* The next field of a line, without the blanks around it. */
static char *field(char **rest)
{
    char *text = strsep(rest, "|\n");

    if (text == NULL || *rest == NULL) {
        fprintf(stderr, "a goal has too few fields\n");
        exit(2);
    }
    text += strspn(text, " ");
    for (char *end = text + strlen(text); end > text && end[-1] == ' ';)
        *--end = '\0';
    return text;
}

/* Returns false where the line is a comment. */
static bool read_goal(char *line, struct goal *goal)
{
    char *limit;

    if (line[0] == '#' || line[0] == '\n')
        return false;
    goal->work = field(&line);
    goal->measured = field(&line);
    goal->against = field(&line);
    limit = field(&line);
    goal->unit = field(&line);
    goal->at_most = limit[0] == '<';
    goal->limit = strtod(limit + 2, NULL);
    return true;
}

/* What a goal is held against, in a round; NULL where there is none. A number is put to *constant.
 */
static const double *find_other(const char *against, unsigned round, double *constant)
{
    char *end;

    *constant = strtod(against, &end);
    if (*end == '\0')
        return constant;
    for (size_t i = 0; i < sample_count; i++)
        if (samples[i].round == round && strcmp(samples[i].program, against) == 0)
            return &samples[i].value;
    return NULL;
}

static size_t find_pairs(const struct goal *goal, double *measured, double *against)
{
    size_t count = 0;

    for (size_t i = 0; i < sample_count && count < ROUNDS_MAX; i++) {
        double constant;
        const double *other;

        if (strcmp(samples[i].program, goal->measured) != 0)
            continue;
        other = find_other(goal->against, samples[i].round, &constant);
        if (other == NULL)
            continue;
        measured[count] = samples[i].value;
        against[count++] = *other;
    }
    return count;
}

static double median(const double *values, size_t count)
{
    struct stats_summary summary;

    return stats_summarise(values, NULL, count, &summary) == 0 ? summary.median : 0;
}

/* A goal above 1 takes an interval above 1 as well. */
static bool is_held(const struct goal *goal, const struct ratio *ratio)
{
    if (goal->at_most)
        return ratio->ratio <= goal->limit;
    return ratio->ratio >= goal->limit && (goal->limit <= 1 || ratio->interval.low > 1);
}

/* Returns whether that is for a reason that counts as no failure. */
static bool print_unmeasured(const struct goal *goal)
{
    char reason[201] = "it failed";
    bool left_out = find_reason(goal->measured, reason) || find_reason(goal->against, reason);

    printf("| %s | | | | %s %g | not measured: %s |\n", goal->work, goal->at_most ? "≤" : "≥",
           goal->limit, reason);
    return left_out;
}

/* Prints one row. Returns whether the goal is held, or was left out. */
static bool judge(const struct goal *goal)
{
    double measured[ROUNDS_MAX], against[ROUNDS_MAX];
    size_t count = find_pairs(goal, measured, against);
    struct ratio ratio;
    bool held;

    if (count == 0 || ratio_paired(measured, against, NULL, count, 0, &ratio) < 0)
        return print_unmeasured(goal);
    held = is_held(goal, &ratio);
    printf("| %s | %.6g %s | %.6g | %.3f ", goal->work, median(measured, count), goal->unit,
           median(against, count), ratio.ratio);
    if (stats_has_interval(&ratio.interval))
        printf("[%.3f, %.3f] ", ratio.interval.low, ratio.interval.high);
    printf("| %s %g | %s |\n", goal->at_most ? "≤" : "≥", goal->limit,
           held ? "held" : "**missed**");
    return held;
}

int main(int argc, char **argv)
{
    char line[LINE_SIZE];
    bool all_held = true;
    struct goal goal;
    FILE *goals;

    if (argc != 4) {
        fprintf(stderr, "usage: %s GOALS SAMPLES SKIPPED\n", argv[0]);
        return 2;
    }
    goals = open_file(argv[1]);
    read_samples(argv[2]);
    skipped_file = argv[3];
    printf("| work | measured | held against | ratio [95 %%] | goal | |\n");
    printf("|---|--:|--:|--:|--:|---|\n");
    while (fgets(line, sizeof(line), goals) != NULL)
        if (read_goal(line, &goal))
            all_held &= judge(&goal);
    fclose(goals);
    return all_held ? 0 : 1;
}
