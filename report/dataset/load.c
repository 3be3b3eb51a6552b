/* Raw lines into tables: each line of a run folder becomes a row that holds its JSON, and views.sql
 * says what is in it. A file may be compressed by gzip ("results.jsonl.gz"). */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "common/count.h"
#include "common/text_stream.h"
#include "report/dataset/dataset.h"

#define FILE_SIZE_MAX (256UL << 20) /* a full article run has about 1 MB */
#define CELLS_MAX     1000          /* a plan beyond this is no plan that a report could show */
#define FAULTS_MAX    50            /* of a run, that are listed */

struct loader {
    struct dataset *dataset;
    const char *folder;
    int run;
    int faults;
    bool brief; /* of lines only whether they are valid */
};

/* ---- Faults ------------------------------------------------------------------------------ */

static void add_fault(struct loader *loader, const char *file, int line, const char *reason)
{
    char text[1024];

    if (loader->faults++ > FAULTS_MAX)
        return;
    if (loader->faults > FAULTS_MAX)
        snprintf(text, sizeof(text), "further faults are not listed");
    else if (line > 0)
        snprintf(text, sizeof(text), "%.255s, line %d: %s", file, line, reason);
    else
        snprintf(text, sizeof(text), "%.255s: %s", file, reason);
    dataset_execute(loader->dataset, "INSERT INTO faults VALUES (?, ?)", "is", loader->run, text);
}

/* ---- Files ------------------------------------------------------------------------------- */

/* Opens a regular file of the folder, never a pipe or a device, which could block, nor through a
 * link. Returns a descriptor or -1 with errno set. */
static int open_regular(const char *folder, const char *file, const char *ending)
{
    char path[4096];
    struct stat status;
    int fd;

    snprintf(path, sizeof(path), "%s/%s%s", folder, file, ending);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return -1;
    if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
        return fd;
    close(fd);
    errno = EINVAL;
    return -1;
}

static gzFile open_file(const char *folder, const char *file)
{
    int fd = open_regular(folder, file, "");
    gzFile in;

    if (fd < 0 && errno == ENOENT)
        fd = open_regular(folder, file, ".gz");
    if (fd < 0)
        return NULL;
    in = gzdopen(fd, "rb");
    if (in == NULL) {
        close(fd);
        errno = ENOMEM;
    }
    return in;
}

/* The whole text of a file with a NUL behind it, or NULL with errno set. */
static char *read_file(const char *folder, const char *file, size_t *size)
{
    gzFile in = open_file(folder, file);
    char *text, chunk[1 << 16];
    int got = 0, error = in != NULL ? 0 : errno;
    struct text_stream out;

    text_stream_begin(&out);
    if (in != NULL && out.file == NULL)
        error = ENOMEM;
    for (size_t read = 0; error == 0 && (got = gzread(in, chunk, sizeof(chunk))) > 0;) {
        read += fwrite(chunk, 1, (size_t)got, out.file);
        error = read > FILE_SIZE_MAX ? EFBIG : 0;
    }
    if (got < 0)
        error = EBADMSG;
    if (text_stream_end(&out, &text, size) < 0)
        error = ENOMEM;
    if (in != NULL)
        gzclose_r(in);
    if (error == 0)
        return text;
    free(text);
    errno = error;
    return NULL;
}

/* ---- Lines of JSON ----------------------------------------------------------------------- */

/* Why a line is no JSON object that SQLite takes, too; NULL: it is one. */
static const char *fault_of(const char *line, size_t length, json_error_t *where)
{
    json_t *value = json_loadb(line, length, JSON_DECODE_INT_AS_REAL, where);
    bool is_object = json_is_object(value);
    const char *fault = value == NULL ? where->text : is_object ? NULL : "this is no JSON object";

    json_decref(value);
    return fault;
}

static void add_line(struct loader *loader, const char *sql, const char *file, int number,
                     const char *line, size_t length)
{
    json_error_t where;
    const char *fault = loader->brief ? NULL : fault_of(line, length, &where);

    if (fault == NULL &&
        dataset_execute(loader->dataset, sql, "iis", loader->run, number, line) < 0)
        fault = "SQLite does not take it";
    if (fault != NULL)
        add_fault(loader, file, number, fault);
}

/* run.json says at the end of a session how many lines there are. */
static void check_count(struct loader *loader, const char *file, int lines)
{
    char sql[512];

    snprintf(
        sql, sizeof(sql),
        "INSERT INTO faults SELECT run, format('%s has %d lines, and had %%d at the end of the "
        "run', lines) FROM (SELECT run, j->>'status' status, "
        "number(j->>'$.lines.\"%s\"') lines FROM raw_run) "
        "WHERE run = %d AND (lines > %d OR (status = 'complete' AND lines < %d))",
        file, lines, file, loader->run, lines, lines);
    dataset_execute(loader->dataset, sql, "");
}

/* A last line without its end was cut off by a kill: the run says so itself, it is no fault. */
static void load_lines(struct loader *loader, const char *file, const char *table, bool required)
{
    char sql[128];
    size_t size;
    char *text = read_file(loader->folder, file, &size), *line = text, *end;
    int number = 1;

    snprintf(sql, sizeof(sql), "INSERT INTO %s SELECT ?1, ?2, %s WHERE json_valid(?3)", table,
             loader->brief ? "json_object('valid', json_extract(?3, '$.valid'))" : "?3");
    if (text == NULL && (required || errno != ENOENT))
        add_fault(loader, file, 0, strerror(errno));
    while (line != NULL && (end = memchr(line, '\n', size - (size_t)(line - text))) != NULL) {
        *end = '\0';
        add_line(loader, sql, file, number++, line, (size_t)(end - line));
        line = end + 1;
    }
    free(text);
    if (loader->brief)
        return;
    check_count(loader, file, number - 1);
}

/* ---- Records ----------------------------------------------------------------------------- */

static void load_records_of(struct loader *loader, sqlite3_stmt *insert, const char *cell)
{
    char file[512];
    size_t size;
    char *text, *line, *rest;

    snprintf(file, sizeof(file), "records/%s.csv", cell);
    text = strchr(cell, '/') == NULL ? read_file(loader->folder, file, &size) : NULL;
    if (text == NULL) {
        if (strchr(cell, '/') == NULL && errno != ENOENT && errno != ENOTDIR)
            add_fault(loader, file, 0, strerror(errno));
        return;
    }
    strtok_r(text, "\n", &rest); /* the names of the columns */
    while ((line = strtok_r(NULL, "\r\n", &rest)) != NULL) {
        char *field;

        sqlite3_reset(insert);
        sqlite3_clear_bindings(insert);
        sqlite3_bind_int(insert, 1, loader->run);
        sqlite3_bind_text(insert, 2, cell, -1, SQLITE_STATIC);
        for (int i = 3; i <= 10 && (field = strsep(&line, ",")) != NULL; i++)
            if (field[0] != '\0') /* empty: this never happened */
                sqlite3_bind_text(insert, i, field, -1, SQLITE_TRANSIENT);
        sqlite3_step(insert);
    }
    free(text);
}

static int load_records(struct loader *loader)
{
    struct error error;
    sqlite3_stmt *cells, *insert;

    cells = dataset_query(loader->dataset,
                          "SELECT DISTINCT j->>'id' FROM raw_cells "
                          "WHERE run = (SELECT max(run) FROM raw_run) AND j->>'id' IS NOT NULL",
                          &error);
    insert =
        dataset_query(loader->dataset, "INSERT INTO records VALUES (?,?,?,?,?,?,?,?,?,?)", &error);
    while (cells != NULL && insert != NULL && sqlite3_step(cells) == SQLITE_ROW)
        load_records_of(loader, insert, (const char *)sqlite3_column_text(cells, 0));
    sqlite3_finalize(cells);
    sqlite3_finalize(insert);
    return cells != NULL && insert != NULL ? 0 : -ENOMEM;
}

/* ---- A run ------------------------------------------------------------------------------- */

static int load_run_json(struct loader *loader, struct error *error)
{
    size_t size;
    char *text = read_file(loader->folder, "run.json", &size);
    json_error_t where;
    const char *fault;
    int status = 0;

    if (text == NULL) {
        int code = errno;

        return error_set(error, -code, "run.json: %s; is this the folder of a run?",
                         strerror(code));
    }
    fault = fault_of(text, size, &where);
    if (fault != NULL)
        status = error_set(error, -EINVAL, "run.json:%d:%d: %s", where.line, where.column, fault);
    else if (dataset_execute(loader->dataset, "INSERT INTO raw_run SELECT ?1, ?2, json(?3)", "iss",
                             loader->run, loader->folder, text) < 0)
        status = error_set(error, -EINVAL, "run.json: SQLite does not take it");
    free(text);
    return status;
}

/* Whether a file of lines must be there: the run is complete, and planned some. */
static bool is_required(struct loader *loader, const char *cells)
{
    char sql[256];

    snprintf(sql, sizeof(sql),
             "SELECT j->>'status' = 'complete' AND json_array_length(j, '$.%s') > 0 FROM raw_run "
             "WHERE run = %d",
             cells, loader->run);
    return dataset_number(loader->dataset, sql, 0) > 0;
}

/* The planned cells, one a row. What is said of a cell goes by its name. */
static int add_cells(struct loader *loader, const char *list, struct error *error)
{
    char sql[256], *twice;

    snprintf(sql, sizeof(sql), "SELECT json_array_length(j, '$.%s') FROM raw_run WHERE run = %d",
             list, loader->run);
    if (dataset_number(loader->dataset, sql, 0) > CELLS_MAX)
        add_fault(loader, "run.json", 0, "more cells than a report can show; the rest is left out");
    snprintf(sql, sizeof(sql),
             "INSERT INTO raw_%s SELECT run, key + 1, value FROM raw_run, json_each(j, '$.%s') "
             "WHERE run = ? AND type = 'object' AND key < ?",
             list, list);
    dataset_execute(loader->dataset, sql, "ii", loader->run, CELLS_MAX);
    snprintf(sql, sizeof(sql),
             "SELECT plain(coalesce(string(j->>'id'), 'unnamed')) FROM raw_%s WHERE run = %d "
             "GROUP BY coalesce(string(j->>'id'), 'unnamed') HAVING count(*) > 1",
             list, loader->run);
    twice = dataset_text(loader->dataset, sql);
    if (twice != NULL)
        error_set(error, -EINVAL, "run.json: several cells are called \"%.200s\"", twice);
    free(twice);
    return twice != NULL ? -EINVAL : 0;
}

static int load_all(struct loader *loader, bool records, struct error *error)
{
    int status = add_cells(loader, "cells", error);

    if (status == 0)
        status = add_cells(loader, "memory_cells", error);
    if (status < 0)
        return status;
    load_lines(loader, "results.jsonl", "raw_samples", is_required(loader, "cells"));
    load_lines(loader, "memory.jsonl", "raw_passes", is_required(loader, "memory_cells"));
    load_lines(loader, "patterns.jsonl", "raw_patterns", false);
    status = records ? load_records(loader) : 0;
    return status < 0 ? error_set(error, status, "no memory for the records") : 0;
}

static int load(struct dataset *dataset, const char *folder, bool brief, bool records,
                struct error *error)
{
    struct loader loader = {
        .dataset = dataset,
        .folder = folder,
        .run = (int)dataset_number(dataset, "SELECT count(*) FROM raw_run", 0) + 1,
        .brief = brief,
    };
    int status;

    sqlite3_exec(dataset->db, "BEGIN", NULL, NULL, NULL);
    status = load_run_json(&loader, error);
    if (status == 0 && brief)
        load_lines(&loader, "results.jsonl", "raw_samples", false);
    else if (status == 0)
        status = load_all(&loader, records, error);
    sqlite3_exec(dataset->db, status == 0 ? "COMMIT" : "ROLLBACK", NULL, NULL, NULL);
    return status;
}

int dataset_load(struct dataset *dataset, const char *folder, bool records, struct error *error)
{
    return load(dataset, folder, false, records, error);
}

int dataset_load_brief(struct dataset *dataset, const char *folder, struct error *error)
{
    return load(dataset, folder, true, false, error);
}
