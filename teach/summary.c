/* What a class has said, beside what was measured: the answers that lessons have kept. */
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "common/path.h"
#include "teach/teach.h"

static int is_answers(const struct dirent *entry)
{
    const char *end = strrchr(entry->d_name, '.');

    return end != NULL && strcmp(end, ".jsonl") == 0;
}

static int take_line(struct dataset *dataset, const json_t *line)
{
    if (strcmp(json_text_at(line, "schema", ""), "teach.answer/1") != 0)
        return 0;
    return dataset_execute(
        dataset, "INSERT INTO said VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "sssisssdsdd",
        json_text_at(line, "at", ""), json_text_at(line, "name", ""),
        json_text_at(line, "lesson", ""), (int)json_number_at(line, "position", 0),
        json_text_at(line, "question", ""), json_text_at(line, "unit", ""),
        json_text_at(line, "said_text", NULL), json_number_at(line, "said", NAN),
        json_text_at(line, "correct", NULL), json_number_at(line, "measured", NAN),
        json_number_at(line, "cores", NAN));
}

static int take_file(struct dataset *dataset, const char *path, struct error *error)
{
    json_t *lines = json_lines_load(path, error->text), *line;
    int code = lines != NULL ? 0 : -EINVAL;
    size_t i;

    json_array_foreach(lines, i, line)
    {
        if (code == 0 && take_line(dataset, line) < 0)
            code = error_set(error, -EIO, "%.300s: no memory for its lines", path);
    }
    json_decref(lines);
    return code;
}

static int take_folder(struct dataset *dataset, const char *folder, struct error *error)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_answers, alphasort), code = 0;
    char path[PATH_MAX];

    if (count <= 0)
        code = error_set(error, -ENOENT, "there are no answers in %.300s", folder);
    for (int i = 0; i < count; i++) {
        if (code == 0)
            code = take_file(dataset, path_join(path, folder, entries[i]->d_name), error);
        free(entries[i]);
    }
    free(entries);
    return code;
}

int teach_summary(const struct teach *teach, struct error *error)
{
    struct dataset dataset;
    char folder[PATH_MAX];
    int code = dataset_open(&dataset, error);

    if (code == 0)
        code = dataset_run(&dataset,
                           "CREATE TABLE said (at, name, lesson, position, question, unit, "
                           "said_text, said, correct, measured, cores)",
                           error);
    for (size_t i = 1; i < teach->count && code == 0; i++)
        code = take_folder(&dataset, teach->words[i], error);
    if (code == 0 && teach->count < 2)
        code = take_folder(&dataset, path_join(folder, teach->suite.results, "teach"), error);
    if (code == 0)
        code = teach_write(teach, stdout, &dataset, "summary", error);
    dataset_close(&dataset);
    return code;
}
