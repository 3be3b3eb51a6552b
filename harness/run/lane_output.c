#include "harness/run/lane_output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/json.h"
#include "harness/error.h"

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

static json_t *parse(const char *text, size_t size, char *error)
{
    json_error_t where;
    json_t *value = json_loadb(text, size, 0, &where);

    if (value == NULL) {
        error_set(error, -EINVAL, "the lane's result is not one line of JSON: %s", where.text);
        return NULL;
    }
    if (strcmp(json_text_at(value, "schema", ""), SCHEMA) != 0) {
        error_set(error, -EINVAL, "the lane's result does not have \"schema\": \"%s\"", SCHEMA);
        json_decref(value);
        return NULL;
    }
    return value;
}

json_t *lane_output_read(const struct lane_output *output, char *error)
{
    struct stat status;
    json_t *value = NULL;
    char *text;
    ssize_t size;

    if (fstat(output->fd, &status) < 0 || status.st_size == 0) {
        error_set(error, -ENOENT, "the lane wrote no result");
        return NULL;
    }
    if (status.st_size > SIZE_MAX_BYTES) {
        error_set(error, -EFBIG, "the lane's result is larger than %d bytes", SIZE_MAX_BYTES);
        return NULL;
    }
    text = malloc((size_t)status.st_size);
    size = text != NULL ? pread(output->fd, text, (size_t)status.st_size, 0) : -1;
    if (size >= 0)
        value = parse(text, (size_t)size, error);
    else
        error_set(error, -EIO, "the lane's result cannot be read");
    free(text);
    return value;
}
