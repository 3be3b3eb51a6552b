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

/* The variance of the slope by HC3 (MacKinnon and White 1985): far-off points hide their errors by
 * pulling the line to them. */
static double robust_variance(const double *x, const double *y, const struct line_fit *fit)
{
    double mean = gsl_stats_mean(x, 1, fit->count), squares = gsl_stats_tss(x, 1, fit->count);
    double sum = 0;

    for (size_t i = 0; i < fit->count; i++) {
        double distance = x[i] - mean;
        double free = 1 - 1 / (double)fit->count - distance * distance / squares;
        double error = y[i] - fit->intercept - fit->slope * x[i];

        if (free > 1e-9)
            sum += distance * distance * error * error / (free * free);
    }
    return sum / (squares * squares);
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
    half = gsl_cdf_tdist_Pinv(0.975, (double)count - 2) *
           sqrt(fmax(cov11, robust_variance(x, y, fit)));
    fit->slope_interval = (struct stats_interval){fit->slope - half, fit->slope + half};
    return 0;
}
