#include "common/line_fit.h"

#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_fit.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdbool.h>

static bool can_be_fitted(const double *x, const double *y, size_t count)
{
    bool differ = false;

    for (size_t i = 0; i < count; i++) {
        if (!isfinite(x[i]) || !isfinite(y[i]))
            return false;
        differ = differ || x[i] != x[0];
    }
    return differ;
}

int line_fit(const double *x, const double *y, size_t count, struct line_fit *fit)
{
    double cov00, cov01, cov11, residuals, total, half;

    if (!can_be_fitted(x, y, count))
        return -EINVAL;
    *fit = (struct line_fit){.count = count, .slope_interval = {NAN, NAN}};
    gsl_fit_linear(x, 1, y, 1, count, &fit->intercept, &fit->slope, &cov00, &cov01, &cov11,
                   &residuals);
    total = gsl_stats_tss(y, 1, count);
    fit->r_squared = total > 0 ? 1 - residuals / total : 1;
    if (count < 3)
        return 0;
    half = gsl_cdf_tdist_Pinv(0.975, (double)count - 2) * sqrt(cov11);
    fit->slope_interval = (struct stats_interval){fit->slope - half, fit->slope + half};
    return 0;
}
