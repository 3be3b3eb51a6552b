#include "report/twins.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/format.h"
#include "report/groups.h"
#include "report/table_parts.h"

#define LANE_MAX 32 /* bytes of a lane's name that a label shows */

static bool is_twin(const struct workload_cell *cell)
{
    return cell->language != language_of(NULL);
}

/* Missing figures (NAN) come last. */
static int compare_numbers(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    return (a > b) - (a < b);
}

/* Timed cells make N requests; of a memory cell only those count that are in flight. */
static int compare_work(const struct workload_cell *a, const struct workload_cell *b)
{
    int order = (int)a->computing.work - (int)b->computing.work;

    if (order == 0)
        order = compare_numbers(a->requests, b->requests);
    if (order == 0)
        order = compare_numbers(a->latency_ns, b->latency_ns);
    if (order == 0)
        order = compare_numbers(a->computing.cpu_ns, b->computing.cpu_ns);
    if (order == 0)
        order = compare_numbers(a->computing.block_bytes, b->computing.block_bytes);
    return order;
}

static int compare_held(const struct workload_cell *a, const struct workload_cell *b)
{
    return compare_numbers(table_asked(a), table_asked(b));
}

/* The four models are in one array, in the order in which they are to be shown. */
static int compare_models(const struct workload_cell *a, const struct workload_cell *b)
{
    if (a->follows == NULL || b->follows == NULL)
        return (a->follows == NULL) - (b->follows == NULL);
    if (a->follows != b->follows)
        return a->follows > b->follows ? 1 : -1;
    return compare_numbers(a->concurrency, b->concurrency);
}

/* By language, C first; then as the plan has them, for which both are in one array. */
static int compare_lanes(const struct workload_cell *a, const struct workload_cell *b)
{
    if (a->language == b->language)
        return (a > b) - (a < b);
    if (a->language == NULL || b->language == NULL)
        return (a->language == NULL) - (b->language == NULL);
    return a->language > b->language ? 1 : -1;
}

static int compare_with(const void *left, const void *right,
                        int (*work)(const struct workload_cell *, const struct workload_cell *))
{
    const struct workload_cell *a = *(const struct workload_cell *const *)left;
    const struct workload_cell *b = *(const struct workload_cell *const *)right;
    int order = work(a, b);

    if (order == 0)
        order = compare_models(a, b);
    return order != 0 ? order : compare_lanes(a, b);
}

static int compare_timed(const void *a, const void *b)
{
    return compare_with(a, b, compare_work);
}

static int compare_memory(const void *a, const void *b)
{
    return compare_with(a, b, compare_held);
}

typedef int comparison_of_work(const struct workload_cell *, const struct workload_cell *);

/* Leaves out the work that no twin does. */
static void keep_shared(struct twins *twins, comparison_of_work *work)
{
    size_t kept = 0, end;

    for (size_t start = 0; start < twins->count; start = end) {
        bool shared = false;

        for (end = start; end < twins->count && work(twins->list[start], twins->list[end]) == 0;
             end++)
            shared = shared || is_twin(twins->list[end]);
        for (size_t i = start; shared && i < end; i++)
            twins->list[kept++] = twins->list[i];
    }
    twins->count = kept;
}

static int arrange(struct twins *twins, int (*compare)(const void *, const void *),
                   comparison_of_work *work)
{
    qsort(twins->list, twins->count, sizeof(*twins->list), compare);
    keep_shared(twins, work);
    return 0;
}

int twins_of_cells(struct twins *twins, const struct run *run)
{
    *twins = (struct twins){.list = calloc(run->cell_count + 1, sizeof(*twins->list))};
    if (twins->list == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < run->cell_count; i++)
        if (run->cells[i].of.computing.work != WORK_OTHER)
            twins->list[twins->count++] = &run->cells[i].of;
    return arrange(twins, compare_timed, compare_work);
}

int twins_of_memory(struct twins *twins, const struct run *run)
{
    *twins = (struct twins){.list = calloc(run->memory_count + 1, sizeof(*twins->list)),
                            .of_memory = true};
    if (twins->list == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < run->memory_count; i++)
        if (table_asked(&run->memory_cells[i].of) > 1)
            twins->list[twins->count++] = &run->memory_cells[i].of;
    return arrange(twins, compare_memory, compare_held);
}

void twins_free(struct twins *twins)
{
    free(twins->list);
    *twins = (struct twins){.count = 0};
}

bool twins_in(const struct run *run)
{
    for (size_t i = 0; i < run->cell_count; i++)
        if (is_twin(&run->cells[i].of))
            return true;
    for (size_t i = 0; i < run->memory_count; i++)
        if (is_twin(&run->memory_cells[i].of))
            return true;
    return false;
}

bool twins_has(const struct run *run, const struct language *language)
{
    for (size_t i = 0; i < run->cell_count; i++)
        if (run->cells[i].of.language == language && run->cells[i].of.executions > 0)
            return true;
    for (size_t i = 0; i < run->memory_count; i++)
        if (run->memory_cells[i].of.language == language && run->memory_cells[i].of.executions > 0)
            return true;
    return false;
}

static bool same_work(const struct twins *twins, size_t a, size_t b)
{
    return (twins->of_memory ? compare_held : compare_work)(twins->list[a], twins->list[b]) == 0;
}

bool twins_begins_work(const struct twins *twins, size_t index)
{
    return index == 0 || !same_work(twins, index - 1, index);
}

bool twins_begins_model(const struct twins *twins, size_t index)
{
    return twins_begins_work(twins, index) ||
           compare_models(twins->list[index - 1], twins->list[index]) != 0;
}

const struct workload_cell *twins_original(const struct twins *twins, size_t index)
{
    const struct workload_cell *cell = twins->list[index];

    for (size_t i = 0; is_twin(cell) && cell->follows != NULL && i < twins->count; i++) {
        const struct workload_cell *other = twins->list[i];

        if (same_work(twins, index, i) && other->model->lane != NULL && !is_twin(other) &&
            compare_models(cell, other) == 0 &&
            computing_same_way(&cell->computing, &other->computing))
            return other;
    }
    return NULL;
}

const char *twins_label(const struct workload_cell *cell, char *text)
{
    FILE *out = fmemopen(text, LABEL_SIZE, "w");
    struct computing how = cell->computing; /* all but the blocks, which belong to the work */

    text[0] = '\0';
    if (out == NULL)
        return text;
    fprintf(out, "%.*s (%s)", (int)format_cut(cell->lane, LANE_MAX), cell->lane,
            cell->language != NULL ? cell->language->name : "another language");
    how.block_bytes = NAN;
    computing_label(out, &how);
    fclose(out);
    text[LABEL_SIZE - 1] = '\0';
    return text;
}

const char *twins_work_label(const struct workload_cell *cell, char *text)
{
    const struct cell *cells[] = {(const struct cell *)cell};
    const struct group group = {.cells = cells, .count = 1};
    struct computing blocks = {.block_bytes = cell->computing.block_bytes};
    char label[LABEL_SIZE];
    FILE *out = fmemopen(text, LABEL_SIZE, "w");

    text[0] = '\0';
    if (out == NULL)
        return text;
    fputs(group_label(&group, label), out);
    computing_label(out, &blocks);
    fclose(out);
    text[LABEL_SIZE - 1] = '\0';
    return text;
}
