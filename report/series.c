#include "report/series.h"

#include <math.h>
#include <string.h>

#define SOLID  1
#define DASHED 2

/* What the models do not have by themselves has a colour and a point of its own. */
struct series_style series_style_of(const struct workload_cell *cell)
{
    const struct computing *computing = &cell->computing;
    bool threads = computing_is_offloaded(computing) && strcmp(computing->compute, "threads") == 0;
    struct series_style style = {cell->model->colour, cell->model->point, SOLID};

    if (computing_is_offloaded(computing))
        style = threads ? (struct series_style){0x56B4E9, 6, SOLID}
                        : (struct series_style){0x332288, 14, SOLID};
    else if (computing->loops > 1)
        style = (struct series_style){0x882255, 15, SOLID};
    if (computing->gil) {
        style.dash = DASHED;
        if (!threads)
            style = (struct series_style){0xB5261E, 4, DASHED};
    }
    return style;
}

static bool has_several_loops(const struct workload_cell *cell)
{
    return cell->computing.loops > 1;
}

bool series_is_same(const struct workload_cell *a, const struct workload_cell *b)
{
    return strcmp(a->lane, b->lane) == 0 && a->computing.gil == b->computing.gil &&
           has_several_loops(a) == has_several_loops(b) &&
           computing_same_place(&a->computing, &b->computing) &&
           computing_same_blocks(&a->computing, &b->computing);
}

const char *series_label(const struct workload_cell *cell, char *text)
{
    FILE *out = fmemopen(text, LABEL_SIZE, "w");
    struct computing way = cell->computing;

    text[0] = '\0';
    if (out == NULL)
        return text;
    fputs(group_lane_name(cell), out);
    way.workers = NAN;
    way.loops = NAN;
    computing_label(out, &way);
    if (has_several_loops(cell))
        fputs(", several loops", out);
    fclose(out);
    text[LABEL_SIZE - 1] = '\0';
    return text;
}

void series_write_style(FILE *script, const struct workload_cell *cell)
{
    struct series_style style = series_style_of(cell);

    fprintf(script, "lw 2.5 pt %d ps 1.8*scale dt %d lc rgb \"#%06X\"", style.point, style.dash,
            style.colour);
}
