#include "common/command_texts.h"

#include <string.h>

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

size_t command_rows(struct option_row *rows, size_t most, const json_t *options, size_t size)
{
    static const char *const kinds[] = {[OPTION_FLAG] = "flag", "text", "time", "number"};
    size_t count = 0;

    for (; count < most && count < json_array_size(options); count++) {
        const json_t *said = json_array_get(options, count);

        rows[count] = (struct option_row){
            .name = json_text_at(said, "name", ""),
            .letter = json_text_at(said, "letter", "")[0],
            .kind = OPTION_FLAG,
            .offset = count * size,
            .argument = json_text_at(said, "argument", NULL),
            .help = json_text_at(said, "help", ""),
            .min = (uint64_t)json_number_at(said, "min", 0),
            .max = (uint64_t)json_number_at(said, "max", 0),
        };
        while (strcmp(kinds[rows[count].kind], json_text_at(said, "kind", "flag")) != 0)
            rows[count].kind++;
    }
    return count;
}

json_t *command_json(struct argp_state *state, const char *text)
{
    json_t *value = json_string(text);

    if (value == NULL)
        argp_error(state, "'%s' is not UTF-8", text);
    return value;
}
