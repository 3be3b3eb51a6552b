#include "harness/run/lane_output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/json.h"
#include "common/error.h"

#define SIZE_MAX_BYTES (1 << 20)
#define SCHEMA         "lane.result/1"

int lane_output_open(struct lane_output *output)
{
    output->fd = memfd_create("lane-result", MFD_CLOEXEC);
    if (output->fd < 0)
        return -errno;
    snprintf(output->path, sizeof(output->path), "/proc/%d/fd/%d", (int)getpid(), output->fd);
    return 0;
}

void lane_output_close(struct lane_output *output)
{
    if (output->fd >= 0)
        close(output->fd);
    output->fd = -1;
}

int lane_output_clear(const struct lane_output *output)
{
    return ftruncate(output->fd, 0) < 0 ? -errno : 0;
}

/* NULL with the reason in `error`. */
static char *read_text(const struct lane_output *output, size_t *size, struct error *error)
{
    struct stat status;
    ssize_t got;
    char *text;

    if (fstat(output->fd, &status) < 0 || status.st_size == 0) {
        error_set(error, -ENOENT, "the lane wrote no result");
        return NULL;
    }
    if (status.st_size > SIZE_MAX_BYTES) {
        error_set(error, -EFBIG, "the lane's result is larger than %d bytes", SIZE_MAX_BYTES);
        return NULL;
    }
    text = malloc((size_t)status.st_size);
    got = text != NULL ? pread(output->fd, text, (size_t)status.st_size, 0) : -1;
    if (got < 0) {
        error_set(error, -EIO, "the lane's result cannot be read");
        free(text);
        return NULL;
    }
    *size = (size_t)got;
    return text;
}

json_t *lane_output_json(const struct lane_output *output, struct error *error)
{
    size_t size;
    char *text = read_text(output, &size, error);
    json_error_t where;
    json_t *value = text != NULL ? json_loadb(text, size, 0, &where) : NULL;

    if (text != NULL && value == NULL)
        error_set(error, -EINVAL, "the lane's result is not one line of JSON: %s", where.text);
    free(text);
    return value;
}

json_t *lane_output_read(const struct lane_output *output, struct error *error)
{
    json_t *value = lane_output_json(output, error);

    if (value == NULL || strcmp(json_text_at(value, "schema", ""), SCHEMA) == 0)
        return value;
    error_set(error, -EINVAL, "the lane's result does not have \"schema\": \"%s\"", SCHEMA);
    json_decref(value);
    return NULL;
}
