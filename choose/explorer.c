#include "choose/explorer.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "choose/fit.h"
#include "common/file.h"
#include "common/json.h"
#include "common/text_stream.h"
#include "report/memory.h"

extern const char choose_explorer_html[], choose_model_js[], choose_explorer_js[];

static void add_walls(json_t *points, const struct fitted_cell *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct fitted_cell *cell = &cells[i];
        bool plain = !cell->shape.handed && !cell->shape.crowded && cell->load.rate <= 0 &&
                     cell->load.latency.kind == LATENCY_FIXED;

        if (cell->load.waits)
            json_array_append_new(
                points,
                json_pack("{s:s, s:s, s:I, s:I, s:f, s:f, s:f, s:b}", "cell", cell->cell, "lane",
                          cell->lane, "requests", (json_int_t)cell->load.requests, "concurrency",
                          (json_int_t)cell->load.concurrency, "latency", cell->load.latency.a_ns,
                          "own", cell->load.own_ns, "wall", cell->wall_ns, "plain", plain));
    }
}

static void add_memory(json_t *points, sqlite3_stmt *row)
{
    while (sqlite3_step(row) == SQLITE_ROW)
        json_array_append_new(points,
                              json_pack("{s:s, s:I, s:f, s:b}", "lane",
                                        (const char *)sqlite3_column_text(row, 1), "concurrency",
                                        (json_int_t)sqlite3_column_int64(row, 2), "memory",
                                        sqlite3_column_double(row, 3), "plain", 1));
}

/* Nothing in it can begin or end anything of the page: names of cells come from files. */
static int write_json(FILE *out, const json_t *value)
{
    char *text = json_dumps(value, JSON_REAL_PRECISION(12));

    if (text == NULL)
        return -ENOMEM;
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '<')
            fputs("\\u003c", out);
        else
            fputc(*c, out);
    }
    free(text);
    return 0;
}

static int write_page(FILE *out, struct dataset *dataset, const struct parameters *parameters,
                      struct error *error)
{
    struct fitted_cell *cells;
    size_t count;
    int code =
        fit_read(dataset, json_number_at(parameters->about, "pace", NAN), &cells, &count, error);
    sqlite3_stmt *memory = dataset_query(dataset, FIT_MEMORY_CELLS, error);
    json_t *points = json_array(), *run;

    if (code == 0 && memory != NULL) {
        add_walls(points, cells, count);
        add_memory(points, memory);
    }
    run = json_pack("{s:o, s:o}", "parameters", parameters_to_json(parameters), "points", points);
    fprintf(out, "%s\n%s\nconst run = ", choose_explorer_html, choose_model_js);
    if (code == 0 && write_json(out, run) < 0)
        code = error_set(error, -ENOMEM, "no memory for the page");
    fprintf(out, ";\n%s</script>\n</body>\n</html>\n", choose_explorer_js);
    json_decref(run);
    sqlite3_finalize(memory);
    free(cells);
    return code;
}

int explorer_save(const char *path, struct dataset *dataset, const struct parameters *parameters,
                  struct error *error)
{
    struct text_stream stream;
    char *page;
    size_t size;
    int code = 0;

    text_stream_begin(&stream);
    if (stream.file != NULL)
        code = write_page(stream.file, dataset, parameters, error);
    if (text_stream_end(&stream, &page, &size) < 0)
        memory_end();
    if (code == 0)
        code = file_replace(path, page, size);
    if (code < 0 && page != NULL)
        error_set(error, code, "%.300s: %s", path, strerror(-code));
    free(page);
    return code;
}
