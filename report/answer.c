#include "report/answer.h"

#include <math.h>
#include <string.h>

#include "report/comparison.h"
#include "report/computing_section.h"
#include "report/format.h"
#include "report/markdown.h"
#include "report/matrix.h"
#include "report/tasks_section.h"
#include "report/twins.h"

static void write_label(FILE *out, const struct workload_cell *cell)
{
    char label[LABEL_SIZE];

    markdown_text(out, group_cell_label(cell, label));
}

static size_t ranked(const struct group *group)
{
    size_t count = 0;

    while (count < group->count && group_is_ranked(group->cells[count]))
        count++;
    return count;
}

static bool has_language(const struct group *group, const struct language *language)
{
    for (size_t i = 0; i < ranked(group); i++)
        if (group->cells[i]->of.language == language)
            return true;
    return false;
}

/* The slowest first: one reads what each next model saves. */
static void write_cells(FILE *out, const struct group *group, const struct language *language)
{
    const char *comma = "";

    for (size_t i = ranked(group); i-- > 0;) {
        if (group->cells[i]->of.language != language)
            continue;
        fputs(comma, out);
        write_label(out, &group->cells[i]->of);
        fputc(' ', out);
        format_duration(out, group->cells[i]->wall_ns.median);
        comma = ", ";
    }
}

/* Behind the languages come the lanes in those that the report knows not. */
static const struct language *language_or_none(size_t index)
{
    return index < LANGUAGE_COUNT ? language_at(index) : NULL;
}

static void write_floor(FILE *out, const struct group *group, const char *before)
{
    if (!(group->cells[0]->floor_ns > 0))
        return;
    fprintf(out, "%swith ", before);
    format_count(out, group->cells[0]->of.concurrency);
    fputs(" at once no model can take less than ", out);
    format_duration(out, group->cells[0]->floor_ns);
    fputc('.', out);
}

static void write_languages(FILE *out, const struct group *group)
{
    for (size_t i = 0; i <= LANGUAGE_COUNT; i++) {
        const struct language *language = language_or_none(i);

        if (!has_language(group, language))
            continue;
        fprintf(out, "\n  - %s: ", language != NULL ? language->name : "another language");
        write_cells(out, group, language);
    }
}

/* Where there are several languages each has a line of its own. */
static void write_group(FILE *out, const struct group *group)
{
    const struct language *only = NULL;
    size_t languages = 0;
    char label[LABEL_SIZE];

    for (size_t i = 0; i <= LANGUAGE_COUNT; i++) {
        if (!has_language(group, language_or_none(i)))
            continue;
        only = language_or_none(i);
        languages++;
    }
    fprintf(out, "- **%s:** ", group_label(group, label));
    if (languages == 1 && only == language_at(0)) {
        write_cells(out, group, only);
        write_floor(out, group, "; ");
    } else {
        write_floor(out, group, "");
        write_languages(out, group);
    }
    fputc('\n', out);
}

/* The concurrency at which most models were measured, of several the largest. */
static double common_concurrency(const struct run *run)
{
    double common = NAN;
    size_t most = 0;

    for (size_t i = 0; i < run->memory_count; i++) {
        double concurrency = run->memory_cells[i].of.concurrency;
        size_t count = 0;

        for (size_t j = 0; j < run->memory_count; j++)
            count +=
                run->memory_cells[j].ranked && run->memory_cells[j].of.concurrency == concurrency;
        if (concurrency > 1 && (count > most || (count == most && concurrency > common))) {
            most = count;
            common = concurrency;
        }
    }
    return common;
}

/* The ranked memory cell with the largest PSS below `below`. */
static const struct memory_cell *next_below(const struct run *run, double concurrency, double below)
{
    const struct memory_cell *next = NULL;

    for (size_t i = 0; i < run->memory_count; i++) {
        const struct memory_cell *cell = &run->memory_cells[i];

        if (cell->ranked && cell->of.concurrency == concurrency && cell->pss_bytes.median < below &&
            (next == NULL || cell->pss_bytes.median > next->pss_bytes.median))
            next = cell;
    }
    return next;
}

static void write_memory(FILE *out, const struct run *run)
{
    double concurrency = common_concurrency(run), below = INFINITY;
    const struct memory_cell *cell;
    const char *comma = "";

    if (isnan(concurrency))
        return;
    fputs("- **Memory with ", out);
    format_count(out, concurrency);
    fputs(" requests in flight:** ", out);
    for (cell = next_below(run, concurrency, below); cell != NULL;
         cell = next_below(run, concurrency, below)) {
        below = cell->pss_bytes.median;
        fputs(comma, out);
        write_label(out, &cell->of);
        fputc(' ', out);
        format_bytes(out, cell->pss_bytes.median);
        comma = ", ";
    }
    fputs(".\n", out);
}

/* How the least of a set stands to the others. */
struct lead {
    size_t unclear, too_few;
    const struct workload_cell *rival; /* the first that is not clearly worse */
};

static void compare_with(struct lead *lead, enum difference difference,
                         const struct workload_cell *cell)
{
    if (difference == DIFFERENCE_MORE)
        return;
    lead->too_few += difference == DIFFERENCE_TOO_FEW;
    lead->unclear += difference != DIFFERENCE_TOO_FEW;
    if (lead->rival == NULL)
        lead->rival = cell;
}

/* "**Fastest:** event loop" only where each comparison says so. */
static void write_lead(FILE *out, const struct lead *lead, const struct workload_cell *first,
                       const char *best, const char *lowest, const char *what)
{
    bool clear = lead->rival == NULL;

    fprintf(out, "**%s:** ", clear || lead->too_few == 0 ? best : lowest);
    write_label(out, first);
    if (lead->too_few > 0) {
        fprintf(out, " (too few %s for a verdict)", what);
    } else if (!clear) {
        fputs(", with no clear difference from ", out);
        write_label(out, lead->rival);
        if (lead->unclear > 1)
            fprintf(out, " and %zu more", lead->unclear - 1);
    }
}

static void write_fastest(FILE *out, const struct group *group, const struct run *run)
{
    struct lead lead = {0};

    for (size_t i = 1; i < ranked(group); i++)
        compare_with(&lead, comparison_wall(run, group->cells[i], group->cells[0]).ratio.difference,
                     &group->cells[i]->of);
    write_lead(out, &lead, &group->cells[0]->of, "Fastest", "Lowest median", "rounds");
}

static void write_least_memory(FILE *out, const struct run *run)
{
    double concurrency = common_concurrency(run);
    const struct memory_cell *cell = next_below(run, concurrency, INFINITY), *least = NULL;
    struct lead lead = {0};

    for (; cell != NULL; cell = next_below(run, concurrency, cell->pss_bytes.median))
        least = cell;
    if (least == NULL)
        return;
    for (size_t i = 0; i < run->memory_count; i++) {
        cell = &run->memory_cells[i];
        if (cell != least && cell->ranked && cell->of.concurrency == concurrency)
            compare_with(&lead, comparison_pss(run, cell, least).ratio.difference, &cell->of);
    }
    fputs("; ", out);
    write_lead(out, &lead, &least->of, "least memory", "lowest PSS", "passes");
}

/* What to choose, if only one of the two counts. */
static void write_choice(FILE *out, const struct group *group, const struct run *run)
{
    if (ranked(group) < 2)
        return;
    fputs("- ", out);
    write_fastest(out, group, run);
    write_least_memory(out, run);
    fputs(".\n", out);
}

static void write_verdicts_in(FILE *out, const struct claims *claims,
                              const struct language *language)
{
    size_t counts[3] = {0};

    for (size_t i = 0; i < claims->count; i++) {
        const struct claim *claim = claims_first_in(&claims->list[i], language);

        counts[claim != NULL ? claim->verdict : VERDICT_NOT_MEASURED]++;
    }
    fprintf(out, " %s: %zu reproduced, %zu not.", language->name, counts[VERDICT_REPRODUCED],
            counts[VERDICT_NOT_REPRODUCED]);
}

/* Beside those in C, which every run has. */
static void write_other_verdicts(FILE *out, const struct plot_source *source)
{
    for (size_t i = 1; i < LANGUAGE_COUNT; i++)
        if (twins_has(source->run, language_at(i)))
            write_verdicts_in(out, source->claims, language_at(i));
}

static void write_verdicts(FILE *out, const struct claims *claims, bool in_c)
{
    size_t counts[3] = {0};

    for (size_t i = 0; i < claims->count; i++)
        counts[claims->list[i].verdict]++;
    fprintf(out,
            "- **Of the article's %zu claims** %zu are reproduced, %zu are not reproduced and %zu "
            "are not measured here%s.",
            claims->count, counts[VERDICT_REPRODUCED], counts[VERDICT_NOT_REPRODUCED],
            counts[VERDICT_NOT_MEASURED], in_c ? "" : " in C");
}

void answer_write(FILE *out, const struct plot_source *source)
{
    const struct groups *groups = source->groups;
    bool in_table;

    tasks_section_answer(out, source->run);
    if (tasks_section_is_all(source->run))
        return;
    in_table = matrix_write(out, groups, source->run, common_concurrency(source->run));
    if (in_table)
        fputc('\n', out);
    if (groups->main == NULL && source->cpu->main == NULL && source->mixed->main == NULL)
        fputs("- No execution of this run counts, so there is nothing to compare.\n", out);
    else if (groups->main != NULL && !in_table)
        write_group(out, groups->main);
    for (size_t i = 0; i < groups->count; i++)
        if (groups->main != NULL && &groups->list[i] > groups->main &&
            ranked(&groups->list[i]) > 0 && !(in_table && matrix_covers(groups, &groups->list[i])))
            write_group(out, &groups->list[i]);
    if (!in_table)
        write_memory(out, source->run);
    if (groups->main != NULL)
        write_choice(out, groups->main, source->run);
    computing_section_answer(out, source);
    write_verdicts(out, source->claims, !twins_in(source->run));
    write_other_verdicts(out, source);
    fputc('\n', out);
}
