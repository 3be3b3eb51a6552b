#include "report/groups.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/format.h"

#define LANE_MAX 24 /* bytes of a lane's name that a label shows */

bool group_is_ranked(const struct cell *cell)
{
    return cell->ranked && cell->wall_ns.count > 0;
}

/* Missing figures (NAN) come last; qsort needs them in some order. */
static int compare_numbers(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    return (a > b) - (a < b);
}

static int compare_work(const struct workload_cell *left, const struct workload_cell *right)
{
    int order = compare_numbers(left->requests, right->requests);

    if (order == 0)
        order = compare_numbers(left->computing.cpu_ns, right->computing.cpu_ns);
    if (order == 0)
        order = compare_numbers(left->latency_ns, right->latency_ns);
    return order;
}

static int compare(const void *a, const void *b)
{
    const struct cell *left = *(const struct cell *const *)a;
    const struct cell *right = *(const struct cell *const *)b;
    int order = compare_work(&left->of, &right->of);

    if (order == 0)
        order = group_is_ranked(right) - group_is_ranked(left);
    if (order == 0)
        order = (right->wall_ns.count > 0) - (left->wall_ns.count > 0);
    if (order == 0 && left->wall_ns.count > 0)
        order = compare_numbers(left->wall_ns.median, right->wall_ns.median);
    return order != 0 ? order : strcmp(left->of.id, right->of.id);
}

static size_t models_measured(const struct group *group)
{
    size_t models = 0;

    for (size_t i = 0; i < group->count; i++) {
        bool first = group_is_ranked(group->cells[i]);

        for (size_t j = 0; first && j < i; j++)
            first = strcmp(group->cells[j]->of.lane, group->cells[i]->of.lane) != 0;
        models += first;
    }
    return models;
}

static void choose_main(struct groups *groups)
{
    size_t most = 1;

    for (size_t i = 0; i < groups->count; i++) {
        size_t models = models_measured(&groups->list[i]);

        if (models < most)
            continue;
        most = models;
        groups->main = &groups->list[i];
    }
}

static double total_ns(const struct workload_cell *cell)
{
    return cell->latency_ns + cell->computing.cpu_ns;
}

/* Whether mixed cells go on from this one, which only waits. */
static bool is_share_0(const struct run *run, const struct workload_cell *cell)
{
    for (size_t i = 0; cell->computing.work == WORK_IO && i < run->cell_count; i++) {
        const struct workload_cell *other = &run->cells[i].of;

        if (other->computing.work == WORK_MIXED && other->requests == cell->requests &&
            other->concurrency == cell->concurrency && total_ns(other) == total_ns(cell))
            return true;
    }
    return false;
}

static bool belongs(const struct run *run, const struct workload_cell *cell, enum work work)
{
    return cell->computing.work == work || (work == WORK_MIXED && is_share_0(run, cell));
}

int groups_arrange(struct groups *groups, const struct run *run, enum work work)
{
    *groups = (struct groups){.cells = calloc(run->cell_count + 1, sizeof(*groups->cells)),
                              .list = calloc(run->cell_count + 1, sizeof(*groups->list))};
    if (groups->cells == NULL || groups->list == NULL) {
        groups_free(groups);
        return -ENOMEM;
    }
    for (size_t i = 0; i < run->cell_count; i++)
        if (belongs(run, &run->cells[i].of, work))
            groups->cells[groups->cell_count++] = &run->cells[i];
    qsort(groups->cells, groups->cell_count, sizeof(*groups->cells), compare);
    for (size_t i = 0; i < groups->cell_count; i++) {
        if (i == 0 || compare_work(&groups->cells[i - 1]->of, &groups->cells[i]->of) != 0)
            groups->list[groups->count++].cells = &groups->cells[i];
        groups->list[groups->count - 1].count++;
    }
    choose_main(groups);
    return 0;
}

void groups_free(struct groups *groups)
{
    free(groups->cells);
    free(groups->list);
    *groups = (struct groups){.count = 0};
}

static FILE *open_text(char *text)
{
    FILE *stream = fmemopen(text, LABEL_SIZE, "w");

    text[0] = '\0';
    return stream;
}

static const char *close_text(FILE *stream, char *text)
{
    fclose(stream);
    text[LABEL_SIZE - 1] = '\0';
    return text;
}

/* Concurrency in the words of the model; an event loop that holds all requests needs no number. */
const char *group_lane_name(const struct workload_cell *cell)
{
    return cell->model->lane != NULL ? cell->model->name : cell->lane;
}

static void write_label(FILE *out, const struct workload_cell *cell)
{
    const struct model *model = cell->model;
    const char *name;

    if (model->unit != NULL && cell->concurrency == 1) {
        fprintf(out, "1 %s", strcmp(model->unit, "threads") == 0 ? "thread" : "process");
    } else if (model->unit != NULL) {
        format_count(out, cell->concurrency);
        fprintf(out, " %s", model->unit);
    } else if (model->lane != NULL && (cell->concurrency == 1 && cell->requests != 1)) {
        fputs(strcmp(model->lane, "sync") == 0 ? "sequential" : "event loop, 1 at once", out);
    } else {
        name = group_lane_name(cell);
        fprintf(out, "%.*s", (int)format_cut(name, LANE_MAX), name);
        if (model->lane == NULL || !(cell->concurrency >= cell->requests)) {
            fputs(", ", out);
            format_count(out, cell->concurrency);
            fputs(" at once", out);
        }
    }
}

const char *group_cell_label(const struct workload_cell *cell, char *text)
{
    FILE *stream = open_text(text);

    if (stream == NULL)
        return "";
    write_label(stream, cell);
    computing_label(stream, &cell->computing);
    return close_text(stream, text);
}

const char *group_label(const struct group *group, char *text)
{
    const struct workload_cell *cell = &group->cells[0]->of;
    FILE *stream = open_text(text);

    if (stream == NULL)
        return "";
    format_count(stream, cell->requests);
    fprintf(stream, " %s%s of ", cell->computing.work == WORK_CPU ? "item" : "request",
            cell->requests == 1 ? "" : "s");
    if (cell->computing.work != WORK_CPU)
        format_short(stream, cell->latency_ns, format_duration);
    if (cell->computing.work == WORK_MIXED)
        fputs(", each with ", stream);
    if (cell->computing.work != WORK_IO) {
        format_short(stream, cell->computing.cpu_ns, format_duration);
        fputs(" of computing", stream);
    }
    return close_text(stream, text);
}
