#include "report/matrix.h"

#include <math.h>
#include <string.h>

#include "report/format.h"
#include "report/markdown.h"

#define COLUMNS_MAX 12
#define ROWS_MAX    64

/* So many calls, so many of them at once. */
struct column {
    double requests, concurrency, floor_ns;
};

struct matrix {
    const struct run *run;
    struct column columns[COLUMNS_MAX];
    size_t column_count;
    const struct workload_cell *rows[ROWS_MAX]; /* the first cell of each lane */
    size_t row_count;
    double held;
};

static bool is_plain(const struct cell *cell)
{
    const struct computing *computing = &cell->of.computing;

    return group_is_ranked(cell) && computing->work == WORK_IO && !(computing->loops > 1);
}

static void add_column(struct matrix *matrix, const struct cell *cell)
{
    size_t place = 0;

    for (; place < matrix->column_count; place++) {
        const struct column *column = &matrix->columns[place];

        if (column->requests == cell->of.requests && column->concurrency == cell->of.concurrency)
            return;
        if (column->requests > cell->of.requests ||
            (column->requests == cell->of.requests && column->concurrency > cell->of.concurrency))
            break;
    }
    if (matrix->column_count == COLUMNS_MAX)
        return;
    memmove(&matrix->columns[place + 1], &matrix->columns[place],
            (matrix->column_count - place) * sizeof(matrix->columns[0]));
    matrix->columns[place] =
        (struct column){cell->of.requests, cell->of.concurrency, cell->floor_ns};
    matrix->column_count++;
}

static void add_row(struct matrix *matrix, const struct workload_cell *cell)
{
    for (size_t i = 0; i < matrix->row_count; i++)
        if (strcmp(matrix->rows[i]->lane, cell->lane) == 0)
            return;
    if (matrix->row_count < ROWS_MAX)
        matrix->rows[matrix->row_count++] = cell;
}

static bool is_covered(const struct groups *groups, const struct workload_cell *cell)
{
    const struct workload_cell *main = &groups->main->cells[0]->of;

    return cell->latency_ns == main->latency_ns && cell->requests >= main->requests &&
           cell->computing.work == WORK_IO;
}

bool matrix_covers(const struct groups *groups, const struct group *group)
{
    return is_covered(groups, &group->cells[0]->of);
}

static bool is_held(const struct matrix *matrix, const struct memory_cell *cell)
{
    return cell->ranked && cell->of.concurrency == matrix->held;
}

/* In the order of the plan, by language. */
static void collect(struct matrix *matrix, const struct groups *groups)
{
    const struct run *run = matrix->run;

    for (size_t language = 0; language <= LANGUAGE_COUNT; language++) {
        const struct language *wanted = language < LANGUAGE_COUNT ? language_at(language) : NULL;

        for (size_t i = 0; i < run->cell_count; i++)
            if (is_plain(&run->cells[i]) && is_covered(groups, &run->cells[i].of) &&
                run->cells[i].of.language == wanted) {
                add_column(matrix, &run->cells[i]);
                add_row(matrix, &run->cells[i].of);
            }
        for (size_t i = 0; i < run->memory_count; i++)
            if (is_held(matrix, &run->memory_cells[i]) &&
                run->memory_cells[i].of.language == wanted)
                add_row(matrix, &run->memory_cells[i].of);
    }
}

static void write_head(FILE *out, const struct matrix *matrix)
{
    double requests = NAN;

    fputs("| Lane |", out);
    for (size_t i = 0; i < matrix->column_count; i++) {
        const struct column *column = &matrix->columns[i];

        fputc(' ', out);
        if (column->requests != requests) {
            format_count(out, column->requests);
            fputs(" calls, ", out);
        }
        format_count(out, column->concurrency);
        fputs(" at once |", out);
        requests = column->requests;
    }
    if (!isnan(matrix->held)) {
        fputs(" memory, ", out);
        format_count(out, matrix->held);
        fputs(" in flight |", out);
    }
    fputs("\n|---|", out);
    for (size_t i = 0; i < matrix->column_count + !isnan(matrix->held); i++)
        fputs("---:|", out);
    fputc('\n', out);
}

static const struct cell *cell_at(const struct matrix *matrix, const char *lane,
                                  const struct column *column)
{
    for (size_t i = 0; i < matrix->run->cell_count; i++) {
        const struct cell *cell = &matrix->run->cells[i];

        if (is_plain(cell) && strcmp(cell->of.lane, lane) == 0 &&
            cell->of.requests == column->requests && cell->of.concurrency == column->concurrency)
            return cell;
    }
    return NULL;
}

static const struct memory_cell *memory_at(const struct matrix *matrix, const char *lane)
{
    for (size_t i = 0; i < matrix->run->memory_count; i++) {
        const struct memory_cell *cell = &matrix->run->memory_cells[i];

        if (is_held(matrix, cell) && strcmp(cell->of.lane, lane) == 0)
            return cell;
    }
    return NULL;
}

static void write_row(FILE *out, const struct matrix *matrix, const struct workload_cell *row)
{
    const struct memory_cell *memory = memory_at(matrix, row->lane);

    fputs("| ", out);
    markdown_text(out, group_lane_name(row));
    fputs(" |", out);
    for (size_t i = 0; i < matrix->column_count; i++) {
        const struct cell *cell = cell_at(matrix, row->lane, &matrix->columns[i]);

        fputc(' ', out);
        if (cell != NULL)
            format_duration(out, cell->wall_ns.median);
        fputs(" |", out);
    }
    if (!isnan(matrix->held)) {
        fputc(' ', out);
        if (memory != NULL)
            format_bytes(out, memory->pss_bytes.median);
        fputs(" |", out);
    }
    fputc('\n', out);
}

static void write_floors(FILE *out, const struct matrix *matrix)
{
    fputs("| *floor: no model can take less* |", out);
    for (size_t i = 0; i < matrix->column_count; i++) {
        fputs(" *", out);
        format_duration(out, matrix->columns[i].floor_ns);
        fputs("* |", out);
    }
    fputs(isnan(matrix->held) ? "\n" : " |\n", out);
}

bool matrix_write(FILE *out, const struct groups *groups, const struct run *run, double held)
{
    struct matrix matrix = {.run = run, .held = held};

    if (groups->main == NULL)
        return false;
    collect(&matrix, groups);
    if (matrix.column_count < 2 || matrix.row_count < 2)
        return false;
    write_head(out, &matrix);
    for (size_t i = 0; i < matrix.row_count; i++)
        write_row(out, &matrix, matrix.rows[i]);
    write_floors(out, &matrix);
    return true;
}
