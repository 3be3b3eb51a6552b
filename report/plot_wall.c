/* Wall time of each cell above its floor, beside the article's figure. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/format.h"
#include "report/plot_rows.h"
#include "report/plots.h"

#define TITLE_MAX 108 /* bytes that have room above the plot */

static struct plot_row row_of(const struct cell *cell, const struct claims *claims)
{
    struct plot_row row = {
        .low = cell->floor_ns,
        .value = cell->wall_ns.median,
        .min = cell->wall_ns.min,
        .max = cell->wall_ns.max,
        .extra = NAN,
        .article = claims_article_wall_ns(claims, cell),
        .ranked = group_is_ranked(cell),
        .model = cell->of.model,
    };

    group_cell_label(&cell->of, row.label);
    return row;
}

static size_t fill(struct plot_row *rows, const struct plot_source *source)
{
    size_t count = 0;

    for (size_t i = 0; i < source->groups->count; i++) {
        const struct group *group = &source->groups->list[i];
        bool headed = false;

        for (size_t j = 0; j < group->count; j++) {
            if (group->cells[j]->wall_ns.count == 0 || !(group->cells[j]->wall_ns.median > 0))
                continue;
            if (!headed) {
                rows[count] = (struct plot_row){.is_heading = true};
                group_label(group, rows[count++].label);
                headed = true;
            }
            rows[count++] = row_of(group->cells[j], source->claims);
        }
    }
    return count;
}

static void write_title(const struct plot_source *source, char *title)
{
    const struct group *group = source->groups->main;
    FILE *out = fmemopen(title, PLOT_TITLE_SIZE, "w");
    char label[LABEL_SIZE];
    size_t last = 0;

    if (out == NULL)
        return;
    fputs("Wall time of the whole process", out);
    for (size_t i = 0; group != NULL && i < group->count; i++)
        if (group_is_ranked(group->cells[i]))
            last = i;
    if (last > 0) {
        fprintf(out, ", %s: ", group_label(group, label));
        format_duration(out, group->cells[0]->wall_ns.median);
        fprintf(out, " (%s) to ", group_cell_label(&group->cells[0]->of, label));
        format_duration(out, group->cells[last]->wall_ns.median);
        fprintf(out, " (%s)", group_cell_label(&group->cells[last]->of, label));
    }
    fclose(out);
    title[PLOT_TITLE_SIZE - 1] = '\0';
    if (strlen(title) > TITLE_MAX)
        snprintf(title, PLOT_TITLE_SIZE, "Wall time of the whole process, %s",
                 group_label(group, label));
}

int plot_wall(const struct plot_source *source, FILE *script, FILE *data, char *title)
{
    struct plot_rows plot = {
        .name = "wall",
        .axis = "wall time (logarithmic)",
        .value_name = PLOT_MEDIAN_WITH_RANGE,
        .low_name = "floor: the least time possible",
        .format = format_duration,
        .rows = calloc(2 * source->run->cell_count + 1, sizeof(*plot.rows)),
    };
    int height = 0;

    if (plot.rows != NULL) {
        plot.count = fill(plot.rows, source);
        write_title(source, title);
        height = plot_rows_write(&plot, title, script, data);
    }
    free(plot.rows);
    return height;
}
