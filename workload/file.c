#include "workload/file.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "common/clock.h"
#include "workload/request.h"

/* A signal that asks for the end also ends what waits. */
static void fail(struct recorder *r, uint64_t id, enum outcome outcome, int error)
{
    bool given_up = error == -ECANCELED || (error == -EINTR && stop_due(&r->queue.stop));

    recorder_end(r, id, given_up ? OUTCOME_CANCELLED : outcome, (unsigned)-error);
}

void file_not_opened(struct recorder *r, uint64_t id, int error)
{
    recorder_note_error(r, -error);
    fail(r, id, OUTCOME_CONNECT, error);
}

void file_was_read(const struct workload *w, struct recorder *r, uint64_t id, const void *block,
                   ssize_t got)
{
    bool right;

    if (got < 0) {
        fail(r, id, OUTCOME_RESET, (int)got);
        return;
    }
    r->records[id].first_byte_ns = clock_ns();
    right = w->verify == VERIFY_STATUS || request_verify_body(block, (size_t)got, w->first_id + id);
    recorder_end(r, id, right ? OUTCOME_OK : OUTCOME_BAD_BODY, 0);
}

void file_perform(const struct workload *w, struct recorder *r, uint64_t id)
{
    _Alignas(FILE_BLOCK_BYTES) unsigned char block[FILE_BLOCK_BYTES];
    char path[PATH_MAX];
    ssize_t got;
    int fd;

    request_place(w, id, path, sizeof(path));
    fd = open(path, FILE_FLAGS);
    if (fd < 0) {
        file_not_opened(r, id, -errno);
        return;
    }
    r->records[id].connected_ns = clock_ns();
    got = read(fd, block, FILE_BLOCK_BYTES);
    file_was_read(w, r, id, block, got < 0 ? -errno : got);
    close(fd);
}
