/* C and its twins in other languages: wall times, and memory with the requests in flight, by work
 * and model. The colour is that of the language, the point that of the model. */
#include <math.h>
#include <stdlib.h>

#include "report/format.h"
#include "report/plot_rows.h"
#include "report/plots.h"
#include "report/table_parts.h"
#include "report/twins.h"

static const struct model *drawn_as(const struct workload_cell *cell)
{
    return cell->language != NULL && cell->follows != NULL
               ? model_in(cell->language, cell->follows, 0)
               : cell->model;
}

static struct plot_row wall_row(const struct plot_source *source, const struct workload_cell *of)
{
    const struct cell *cell = (const struct cell *)of;

    return (struct plot_row){
        .low = cell->floor_ns,
        .value = cell->wall_ns.count > 0 ? cell->wall_ns.median : NAN,
        .min = cell->wall_ns.min,
        .max = cell->wall_ns.max,
        .extra = NAN,
        .article = claims_article_wall_ns(source->claims, cell),
        .ranked = group_is_ranked(cell),
    };
}

static struct plot_row memory_row(const struct plot_source *source, const struct workload_cell *of)
{
    const struct memory_cell *cell = (const struct memory_cell *)of;
    const struct memory_cell *base = run_memory(source->run, of->lane, 1);
    bool kernel = cell->kernel_bytes.count > 0;

    return (struct plot_row){
        .low = base != NULL ? base->pss_bytes.median : NAN,
        .value = cell->pss_bytes.count > 0 ? cell->pss_bytes.median : NAN,
        .min = cell->pss_bytes.min,
        .max = cell->pss_bytes.max,
        .extra = kernel ? cell->pss_bytes.median + cell->kernel_bytes.median : NAN,
        .article = claims_article_pss_bytes(source->claims, cell),
        .ranked = cell->ranked,
    };
}

static void write_work(FILE *out, const struct workload_cell *cell, bool of_memory)
{
    char label[LABEL_SIZE];

    if (!of_memory) {
        fputs(twins_work_label(cell, label), out);
        return;
    }
    format_count(out, table_asked(cell));
    fputs(" requests in flight", out);
}

/* A pool has a size; a loop that computes does one thing at a time. */
static void write_size(FILE *out, const struct workload_cell *cell)
{
    if (cell->follows != NULL && cell->follows->unit != NULL) {
        fputs(" of ", out);
        format_count(out, cell->concurrency);
    } else if (cell->concurrency > 1 && cell->computing.work != WORK_CPU) {
        fputs(", ", out);
        format_count(out, cell->concurrency);
        fputs(" at once", out);
    }
}

/* "1000 requests of 200 ms: thread pool of 10", "1000 requests in flight: event loop" */
static void write_heading(struct plot_row *row, const struct workload_cell *cell, bool of_memory)
{
    FILE *out;

    *row = (struct plot_row){.is_heading = true};
    out = fmemopen(row->label, LABEL_SIZE - 1, "w");
    if (out == NULL)
        return;
    write_work(out, cell, of_memory);
    fprintf(out, ": %s", cell->follows != NULL ? cell->follows->name : "another model");
    if (!of_memory)
        write_size(out, cell);
    fclose(out);
}

static bool has(const struct twins *twins, const struct language *language)
{
    for (size_t i = 0; i < twins->count; i++)
        if (twins->list[i]->language == language && twins->list[i]->executions > 0)
            return true;
    return false;
}

/* "Wall time by language: black C, red Python" */
static void write_title(char *title, const char *what, const struct twins *twins)
{
    static const char *const colours[LANGUAGE_COUNT] = {"black", "red", "blue", "green"};
    FILE *out = fmemopen(title, PLOT_TITLE_SIZE - 1, "w");
    const char *before = ": ";

    if (out == NULL)
        return;
    fprintf(out, "%s by language", what);
    for (size_t i = 0; i < LANGUAGE_COUNT; i++)
        if (has(twins, language_at(i))) {
            fprintf(out, "%s%s %s", before, colours[i], language_at(i)->name);
            before = ", ";
        }
    fclose(out);
}

typedef struct plot_row row_maker(const struct plot_source *, const struct workload_cell *);

static size_t fill(struct plot_row *rows, const struct plot_source *source,
                   const struct twins *twins, row_maker *make)
{
    size_t count = 0;
    bool headed = false;

    for (size_t i = 0; i < twins->count; i++) {
        struct plot_row row = make(source, twins->list[i]);

        headed = headed && !twins_begins_model(twins, i);
        if (!(row.value > 0))
            continue;
        if (!headed)
            write_heading(&rows[count++], twins->list[i], twins->of_memory);
        headed = true;
        row.model = drawn_as(twins->list[i]);
        twins_label(twins->list[i], row.label);
        rows[count++] = row;
    }
    return count;
}

static int draw(struct plot_rows *plot, const struct plot_source *source, struct twins *twins,
                row_maker *make, const char *title, FILE *script, FILE *data)
{
    int height = 0;

    plot->rows = calloc(2 * twins->count + 1, sizeof(*plot->rows));
    if (plot->rows != NULL) {
        plot->count = fill(plot->rows, source, twins, make);
        height = plot_rows_write(plot, title, script, data);
    }
    free(plot->rows);
    twins_free(twins);
    return height;
}

int plot_twins(const struct plot_source *source, FILE *script, FILE *data, char *title)
{
    struct plot_rows plot = {
        .name = "twins",
        .axis = "wall time of the whole process (logarithmic)",
        .value_name = PLOT_MEDIAN_WITH_RANGE,
        .low_name = "floor: the least time possible",
        .format = format_duration,
    };
    struct twins twins;

    if (twins_of_cells(&twins, source->run) < 0)
        return 0;
    write_title(title, "Wall time", &twins);
    return draw(&plot, source, &twins, wall_row, title, script, data);
}

int plot_twins_memory(const struct plot_source *source, FILE *script, FILE *data, char *title)
{
    struct plot_rows plot = {
        .name = "twins-memory",
        .axis = "memory, proportional set size of the whole process tree (logarithmic)",
        .value_name = PLOT_MEDIAN_WITH_RANGE,
        .low_name = "with one request",
        .extra_name = "with the kernel's share",
        .format = format_bytes,
    };
    struct twins twins;

    if (twins_of_memory(&twins, source->run) < 0)
        return 0;
    write_title(title, "Memory (PSS)", &twins);
    return draw(&plot, source, &twins, memory_row, title, script, data);
}
