#include "report/records.h"

#include <ctype.h>
#include <errno.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/run_data.h"

#define FILE_SIZE_MAX (256UL << 20)
#define ROWS_MAX      1000000
#define TIME_NS_MAX   1e15 /* eleven days */

static const char header[] = "id,worker,start_ns,connected_ns,first_byte_ns,end_ns,outcome";

int records_is_name(const char *id)
{
    if (id[0] == '\0' || id[0] == '.' || strlen(id) > 128)
        return 0;
    for (; *id != '\0'; id++)
        if (!isalnum((unsigned char)*id) && strchr("-_.", *id) == NULL)
            return 0;
    return 1;
}

/* Reads one field as seconds and steps past its comma; NAN where it is empty or no sane time. */
static double next_time(char **at)
{
    char *end, *field = *at;
    double ns = strtod(field, &end);

    *at = field + strcspn(field, ",\n");
    if (end != *at || end == field || !(ns >= 0 && ns <= TIME_NS_MAX))
        ns = NAN;
    *at += **at == ',';
    return ns / 1e9;
}

static int parse_row(char *line, struct record *record)
{
    next_time(&line); /* id */
    next_time(&line); /* worker */
    record->start = next_time(&line);
    record->connected = next_time(&line);
    record->first_byte = next_time(&line);
    record->end = next_time(&line);
    if (isnan(record->connected) && record->first_byte >= record->start)
        record->connected = record->start; /* a connection that stood already */
    return record->end >= record->start;
}

static int by_start(const void *a, const void *b)
{
    const struct record *left = a, *right = b;

    return (left->start > right->start) - (left->start < right->start);
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;

    for (const char *at = strchr(text, '\n'); at != NULL; at = strchr(at + 1, '\n'))
        lines++;
    return lines;
}

static int parse(struct records *records, char *text)
{
    size_t lines = count_lines(text);

    if (strncmp(text, header, sizeof(header) - 1) != 0 || text[sizeof(header) - 1] != '\n')
        return -EINVAL;
    if (lines > ROWS_MAX)
        return -EFBIG;
    records->rows = calloc(lines, sizeof(*records->rows));
    if (records->rows == NULL)
        return -ENOMEM;
    for (char *line = text + sizeof(header); strchr(line, '\n') != NULL;
         line = strchr(line, '\n') + 1) {
        struct record *record = &records->rows[records->count];

        if (!parse_row(line, record))
            continue;
        records->end = fmax(records->end, record->end);
        records->count++;
    }
    if (records->count == 0 || !(records->end > 0)) {
        records_free(records);
        return -EINVAL;
    }
    qsort(records->rows, records->count, sizeof(*records->rows), by_start);
    return 0;
}

int records_load(struct records *records, const char *folder, const char *id)
{
    char path[4096], *text;
    int error;

    *records = (struct records){.count = 0};
    if (!records_is_name(id))
        return -EINVAL;
    snprintf(path, sizeof(path), "%s/records/%s.csv", folder, id);
    text = run_file_read(path, FILE_SIZE_MAX, NULL);
    if (text == NULL)
        return -errno;
    error = parse(records, text);
    free(text);
    return error;
}

void records_free(struct records *records)
{
    free(records->rows);
    *records = (struct records){.count = 0};
}

/* Adds `change` from `time` on: to the first moment that is not before it. */
static void step(double *series, size_t count, double end, double time, double change)
{
    double index = ceil(time / end * (double)(count - 1));

    if (isfinite(index) && index < (double)count)
        series[(size_t)index] += change;
}

static void accumulate(double *series, size_t count)
{
    for (size_t i = 1; i < count; i++)
        series[i] += series[i - 1];
}

void records_in_flight(const struct records *records, size_t count, double *in_flight,
                       double *waiting)
{
    memset(in_flight, 0, count * sizeof(*in_flight));
    memset(waiting, 0, count * sizeof(*waiting));
    for (size_t i = 0; i < records->count; i++) {
        const struct record *row = &records->rows[i];
        double answered = isfinite(row->first_byte) ? row->first_byte : row->end;

        step(in_flight, count, records->end, row->start, 1);
        step(in_flight, count, records->end, row->end, -1);
        if (row->connected <= answered) {
            step(waiting, count, records->end, row->connected, 1);
            step(waiting, count, records->end, answered, -1);
        }
    }
    accumulate(in_flight, count);
    accumulate(waiting, count);
}

double records_connected_after(const struct records *records, size_t count)
{
    double *times = calloc(records->count + 1, sizeof(*times)), after = NAN;
    size_t connected = 0;

    for (size_t i = 0; times != NULL && i < records->count; i++)
        if (isfinite(records->rows[i].connected))
            times[connected++] = records->rows[i].connected;
    if (times != NULL && count > 0 && connected >= count) {
        gsl_sort(times, 1, connected);
        after = times[count - 1];
    }
    free(times);
    return after;
}

double records_first_answer(const struct records *records)
{
    double first = NAN;

    for (size_t i = 0; i < records->count; i++)
        first = fmin(first, records->rows[i].first_byte);
    return first;
}
