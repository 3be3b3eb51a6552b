#include "common/command_texts.h"

#include "common/json.h"

void command_texts(struct command_line *line, const json_t *said,
                   const char *examples[COMMAND_EXAMPLES_MAX + 1])
{
    const json_t *list = json_object_get(said, "examples");

    line->arguments = json_text_at(said, "subjects", NULL);
    line->summary = json_text_at(said, "summary", "");
    line->details = json_text_at(said, "details", NULL);
    line->statuses = json_text_at(said, "statuses", "");
    for (size_t i = 0; i < COMMAND_EXAMPLES_MAX; i++)
        examples[i] = json_string_value(json_array_get(list, i));
    line->examples = examples;
}

void command_texts_of_rows(struct option_row *rows, size_t count, const json_t *said)
{
    for (size_t i = 0; i < count; i++) {
        const json_t *row = json_object_get(said, rows[i].name);

        if (row == NULL && rows[i].help != NULL)
            continue; /* its own: a heading that needs no name */
        rows[i].argument = json_text_at(row, "argument", NULL);
        rows[i].help = json_text_at(row, "help", "");
    }
}
