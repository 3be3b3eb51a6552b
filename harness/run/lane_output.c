#include "harness/run/lane_output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/file.h"
#include "common/json.h"

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

json_t *lane_output_json(const struct lane_output *output, struct error *error)
{
    size_t size;
    char *text = file_read(output->path, SIZE_MAX_BYTES, &size);
    json_error_t where;
    json_t *value = NULL;

    if (text == NULL && errno == EFBIG)
        error_set(error, -EFBIG, "the lane's result is larger than %d bytes", SIZE_MAX_BYTES);
    else if (text == NULL)
        error_set(error, -EIO, "the lane's result cannot be read");
    else if (size == 0)
        error_set(error, -ENOENT, "the lane wrote no result");
    else if ((value = json_loadb(text, size, 0, &where)) == NULL)
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
