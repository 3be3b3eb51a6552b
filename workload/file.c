#include "workload/file.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/clock.h"
#include "workload/request.h"

int file_reader_init(struct file_reader *f, const struct workload *w, struct recorder *r)
{
    *f = (struct file_reader){
        .block = aligned_alloc(FILE_BLOCK_BYTES, FILE_BLOCK_BYTES), .workload = w, .recorder = r};
    return f->block != NULL ? 0 : -ENOMEM;
}

void file_reader_term(struct file_reader *f)
{
    free(f->block);
    *f = (struct file_reader){0};
}

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

void file_opened(struct recorder *r, uint64_t id)
{
    r->records[id].connected_ns = clock_ns();
}

void file_was_read(const struct workload *w, struct recorder *r, uint64_t id, const void *block,
                   ssize_t got)
{
    char text[FILE_BLOCK_BYTES + 1]; /* the verification reads up to a NUL */
    bool right;

    if (got < 0) {
        fail(r, id, OUTCOME_RESET, (int)got);
        return;
    }
    r->records[id].first_byte_ns = clock_ns();
    memcpy(text, block, (size_t)got);
    text[got] = '\0';
    right = w->verify == VERIFY_STATUS || request_verify_body(text, (size_t)got, id);
    recorder_end(r, id, right ? OUTCOME_OK : OUTCOME_BAD_BODY, 0);
}

void file_reader_perform(struct file_reader *f, uint64_t id)
{
    char path[PATH_MAX];
    ssize_t got;
    int fd;

    request_place(f->workload, id, path, sizeof(path));
    fd = open(path, FILE_FLAGS);
    if (fd < 0) {
        file_not_opened(f->recorder, id, -errno);
        return;
    }
    file_opened(f->recorder, id);
    got = read(fd, f->block, FILE_BLOCK_BYTES);
    file_was_read(f->workload, f->recorder, id, f->block, got < 0 ? -errno : got);
    close(fd);
}
