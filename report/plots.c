#include "report/plots.h"

int plots_draw(struct dataset *dataset, const char *folder, struct error *error)
{
    (void)dataset;
    (void)folder;
    (void)error;
    return 0;
}
