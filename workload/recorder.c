#include "workload/recorder.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "common/clock.h"
#include "common/draw.h"
#include "common/file.h"
#include "common/text_stream.h"
#include "common/units.h"

#define PROGRESS_EVERY_NS (100 * NS_PER_MS)

static size_t mapping_size(uint64_t requests)
{
    return sizeof(struct recorder) + requests * sizeof(struct record);
}

struct recorder *recorder_create(uint64_t requests, uint64_t deadline_ns, bool progress)
{
    struct recorder *r = mmap(NULL, mapping_size(requests), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (r == MAP_FAILED)
        return NULL;
    r->queue.requests = requests;
    r->queue.stop.deadline_ns = deadline_ns;
    r->created_ns = clock_ns();
    r->progress = progress;
    return r;
}

void recorder_destroy(struct recorder *r)
{
    munmap(r, mapping_size(r->queue.requests));
}

void recorder_start(struct recorder *r, uint64_t id, uint32_t worker)
{
    r->records[id].worker = worker;
    r->records[id].start_ns = clock_ns();
}

/* Whoever ends a request prints, at most ten times a second in all: no model needs a thread, a
 * process or a timer for it. The time left is that of the requests so far, carried on. */
static void show_progress(struct recorder *r, uint64_t now, uint64_t ended)
{
    uint64_t last = atomic_load(&r->progress_at_ns);
    uint64_t left_ns = (now - r->created_ns) / ended * (r->queue.requests - ended);
    char left[UNITS_TEXT_SIZE];

    if (ended < r->queue.requests && now - last < PROGRESS_EVERY_NS)
        return;
    if (!atomic_compare_exchange_strong(&r->progress_at_ns, &last, now))
        return;
    fprintf(stderr, "\r%" PRIu64 " of %" PRIu64 " requests, %s left  %s", ended, r->queue.requests,
            units_format_duration(left_ns, left), ended == r->queue.requests ? "\n" : "");
}

void recorder_end(struct recorder *r, uint64_t id, enum outcome outcome, unsigned detail)
{
    struct record *record = &r->records[id];
    uint64_t ended;

    if (atomic_load(&record->outcome) != OUTCOME_PENDING)
        return;
    record->end_ns = clock_ns();
    record->detail = (uint16_t)detail;
    atomic_store(&record->outcome, (uint8_t)outcome);
    ended = atomic_fetch_add(&r->ended, 1) + 1;
    if (r->progress)
        show_progress(r, record->end_ns, ended);
}

void recorder_note_error(struct recorder *r, int error)
{
    int none = 0;

    atomic_compare_exchange_strong(&r->os_error, &none, -error);
}

uint64_t recorder_end_worker(struct recorder *r, uint32_t worker, enum outcome outcome)
{
    uint64_t taken = queue_taken(&r->queue), count = 0;

    for (uint64_t id = 0; id < taken; id++) {
        struct record *record = &r->records[id];

        if (record->start_ns == 0 || record->worker != worker || record->outcome != OUTCOME_PENDING)
            continue;
        recorder_end(r, id, outcome, 0);
        count++;
    }
    return count;
}

void recorder_end_all(struct recorder *r, enum outcome outcome)
{
    for (uint64_t id = 0; id < r->queue.requests; id++)
        recorder_end(r, id, outcome, 0);
}

static void write_time(FILE *file, uint64_t time_ns, uint64_t origin_ns)
{
    if (time_ns != 0)
        fprintf(file, "%" PRIu64, time_ns - origin_ns);
    fputc(',', file);
}

static void write_record(FILE *file, const struct recorder *r, uint64_t id, uint64_t origin_ns,
                         uint64_t first_id)
{
    const struct record *record = &r->records[id];

    fprintf(file, "%" PRIu64 ",", first_id + id);
    if (record->start_ns != 0)
        fprintf(file, "%" PRIu32, record->worker);
    fputc(',', file);
    write_time(file, record->start_ns, origin_ns);
    write_time(file, record->connected_ns, origin_ns);
    write_time(file, record->first_byte_ns, origin_ns);
    write_time(file, record->end_ns, origin_ns);
    fprintf(file, "%s,%u", outcome_name(record->outcome), record->resends);
    if (r->queue.due_ns != NULL)
        fprintf(file, ",%" PRIu64, queue_due_ns(&r->queue, id) - origin_ns);
    fputc('\n', file);
}

/* Whether the id is among about one of `every`. */
static bool is_chosen(uint64_t id, double every)
{
    return every <= 1 || draw(0, id, 0, DRAW_RECORD) * every <= 1;
}

int recorder_write_csv(const struct recorder *r, const char *path, uint64_t origin_ns,
                       uint64_t first_id)
{
    double every = (double)r->queue.requests / RECORDS_ALL_MAX;
    struct text_stream stream;
    char *text;
    size_t size;
    int error;

    text_stream_begin(&stream);
    if (stream.file == NULL)
        return text_stream_end(&stream, &text, &size);
    fprintf(stream.file, "id,worker,start_ns,connected_ns,first_byte_ns,end_ns,outcome,resends%s\n",
            r->queue.due_ns != NULL ? ",due_ns" : "");
    for (uint64_t id = 0; id < r->queue.requests; id++)
        if (is_chosen(first_id + id, every))
            write_record(stream.file, r, id, origin_ns, first_id);
    error = text_stream_end(&stream, &text, &size);
    if (error == 0)
        error = file_write(path, text, size);
    free(text);
    return error;
}
