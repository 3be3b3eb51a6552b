/* Memory of each model with its requests in flight, beside the article's figure. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/format.h"
#include "report/plot_rows.h"
#include "report/plots.h"

static int compare(const void *a, const void *b)
{
    const struct memory_cell *left = *(const struct memory_cell *const *)a;
    const struct memory_cell *right = *(const struct memory_cell *const *)b;

    if (left->of.concurrency != right->of.concurrency)
        return left->of.concurrency > right->of.concurrency ? 1 : -1;
    return (left->pss_bytes.median > right->pss_bytes.median) -
           (left->pss_bytes.median < right->pss_bytes.median);
}

static bool is_drawn(const struct memory_cell *cell)
{
    return cell->pss_bytes.count > 0 && cell->pss_bytes.median > 0 && cell->of.concurrency > 1;
}

static struct plot_row row_of(const struct memory_cell *cell, const struct plot_source *source)
{
    const struct memory_cell *base = run_memory(source->run, cell->of.lane, 1);
    struct plot_row row = {
        .low = base != NULL ? base->pss_bytes.median : NAN,
        .value = cell->pss_bytes.median,
        .min = cell->pss_bytes.min,
        .max = cell->pss_bytes.max,
        .extra =
            cell->kernel_bytes.count > 0 ? cell->pss_bytes.median + cell->kernel_bytes.median : NAN,
        .article = claims_article_pss_bytes(source->claims, cell),
        .ranked = cell->ranked,
        .model = cell->of.model,
    };

    group_cell_label(&cell->of, row.label);
    return row;
}

static void write_heading(struct plot_row *row, double concurrency)
{
    FILE *out;

    *row = (struct plot_row){.is_heading = true};
    out = fmemopen(row->label, LABEL_SIZE, "w");
    if (out == NULL)
        return;
    format_count(out, concurrency);
    fputs(" requests in flight", out);
    fclose(out);
}

static size_t fill(struct plot_row *rows, const struct memory_cell **cells, size_t cell_count,
                   const struct plot_source *source)
{
    size_t count = 0;

    for (size_t i = 0; i < cell_count; i++) {
        if (i == 0 || cells[i - 1]->of.concurrency != cells[i]->of.concurrency)
            write_heading(&rows[count++], cells[i]->of.concurrency);
        rows[count++] = row_of(cells[i], source);
    }
    return count;
}

/* The cells of one concurrency stand together. Returns the first of those that most models share,
 * of several the largest, and how many they are. */
static size_t most_shared(const struct memory_cell **cells, size_t count, size_t *size)
{
    size_t best = 0;

    *size = 0;
    for (size_t first = 0, next; first < count; first = next) {
        for (next = first + 1; next < count; next++)
            if (cells[next]->of.concurrency != cells[first]->of.concurrency)
                break;
        if (next - first < *size)
            continue;
        best = first;
        *size = next - first;
    }
    return best;
}

/* Names the least and the most of them. */
static void write_title(const struct memory_cell **cells, size_t count, char *title)
{
    FILE *out = fmemopen(title, PLOT_TITLE_SIZE, "w");
    char label[LABEL_SIZE];
    size_t size, first = most_shared(cells, count, &size);

    if (out == NULL)
        return;
    cells += first;
    fputs("Memory (PSS) with ", out);
    format_count(out, cells[0]->of.concurrency);
    fputs(" requests in flight", out);
    fprintf(out, ": ");
    format_bytes(out, cells[0]->pss_bytes.median);
    fprintf(out, " (%s)", group_cell_label(&cells[0]->of, label));
    if (size > 1) {
        fputs(" to ", out);
        format_bytes(out, cells[size - 1]->pss_bytes.median);
        fprintf(out, " (%s)", group_cell_label(&cells[size - 1]->of, label));
    }
    fclose(out);
    title[PLOT_TITLE_SIZE - 1] = '\0';
}

int plot_memory(const struct plot_source *source, FILE *script, FILE *data, char *title)
{
    const struct run *run = source->run;
    const struct memory_cell **cells = calloc(run->memory_count + 1, sizeof(*cells));
    struct plot_rows plot = {
        .name = "memory",
        .axis = "memory, proportional set size of the whole process tree (logarithmic)",
        .value_name = PLOT_MEDIAN_WITH_RANGE,
        .low_name = "with one request",
        .extra_name = "with the kernel's share",
        .format = format_bytes,
        .rows = calloc(2 * run->memory_count + 1, sizeof(*plot.rows)),
    };
    size_t count = 0;
    int height = 0;

    for (size_t i = 0; cells != NULL && i < run->memory_count; i++)
        if (is_drawn(&run->memory_cells[i]))
            cells[count++] = &run->memory_cells[i];
    if (count > 0 && plot.rows != NULL) {
        qsort(cells, count, sizeof(*cells), compare);
        plot.count = fill(plot.rows, cells, count, source);
        write_title(cells, count, title);
        height = plot_rows_write(&plot, title, script, data);
    }
    free(cells);
    free(plot.rows);
    return height;
}
