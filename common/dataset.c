#include "common/dataset.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#define INTEGER_MAX 9e15 /* whole numbers up to here are exact in a double */

int dataset_init(struct dataset *dataset, const char *name, const char *const *columns)
{
    *dataset = (struct dataset){.name = name, .columns = columns, .rows = json_array()};
    return dataset->rows != NULL ? 0 : -ENOMEM;
}

void dataset_free(struct dataset *dataset)
{
    json_decref(dataset->rows);
    *dataset = (struct dataset){.name = NULL};
}

void dataset_row(struct dataset *dataset)
{
    dataset->row = json_array();
    if (json_array_append_new(dataset->rows, dataset->row) < 0)
        dataset->row = NULL;
}

void dataset_number(struct dataset *dataset, double value)
{
    bool whole = isfinite(value) && floor(value) >= value && fabs(value) < INTEGER_MAX;

    json_array_append_new(dataset->row, !isfinite(value) ? json_null()
                                        : whole          ? json_integer((json_int_t)value)
                                                         : json_real(value));
}

void dataset_text(struct dataset *dataset, const char *text)
{
    json_t *value = text != NULL ? json_string(text) : NULL;

    json_array_append_new(dataset->row, value != NULL ? value : json_null());
}

void dataset_truth(struct dataset *dataset, bool truth)
{
    json_array_append_new(dataset->row, json_boolean(truth));
}

void dataset_summary(struct dataset *dataset, const struct stats_summary *summary)
{
    bool known = summary->count > 0;

    dataset_number(dataset, (double)summary->count);
    dataset_number(dataset, known ? summary->median : NAN);
    dataset_number(dataset, known ? summary->interval.low : NAN);
    dataset_number(dataset, known ? summary->interval.high : NAN);
    dataset_number(dataset, known ? summary->min : NAN);
    dataset_number(dataset, known ? summary->max : NAN);
    dataset_number(dataset, known ? summary->mad : NAN);
}

json_t *dataset_json(const struct dataset *dataset)
{
    json_t *objects = json_array(), *row;
    size_t i;

    json_array_foreach(dataset->rows, i, row)
    {
        json_t *object = json_object();

        for (size_t c = 0; dataset->columns[c] != NULL; c++)
            json_object_set(object, dataset->columns[c], json_array_get(row, c));
        json_array_append_new(objects, object);
    }
    return objects;
}

static void write_text(FILE *out, const char *text)
{
    bool formula = text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;

    if (!formula && strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, out);
        return;
    }
    fputs(formula ? "\"'" : "\"", out);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void write_value(FILE *out, const json_t *value)
{
    if (json_is_string(value))
        write_text(out, json_string_value(value));
    else if (json_is_integer(value))
        fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_real(value))
        fprintf(out, "%.10g", json_real_value(value));
    else if (json_is_boolean(value))
        fputs(json_is_true(value) ? "true" : "false", out);
}

void dataset_csv(FILE *out, const struct dataset *dataset)
{
    json_t *row;
    size_t i;

    for (size_t c = 0; dataset->columns[c] != NULL; c++)
        fprintf(out, "%s%s", c > 0 ? "," : "", dataset->columns[c]);
    fputs("\r\n", out);
    json_array_foreach(dataset->rows, i, row)
    {
        for (size_t c = 0; dataset->columns[c] != NULL; c++) {
            fputs(c > 0 ? "," : "", out);
            write_value(out, json_array_get(row, c));
        }
        fputs("\r\n", out);
    }
}
