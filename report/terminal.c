#include "report/terminal.h"

#include "report/embedded.h"
#include "report/template.h"

int terminal_write(FILE *out, struct dataset *dataset, const char *name, struct error *error)
{
    static const struct template_part parts[] = {
        {"show", embedded_show_txt},
        {"list", embedded_list_txt},
        {"doctor", embedded_doctor_txt},
        {"compare", embedded_compare_txt},
        {"compare-cells", embedded_compare_cells_txt},
        {0},
    };
    const struct template template = {.dataset = dataset, .parts = parts, .style = TABLE_TERMINAL};

    return template_write(out, &template, name, error);
}
