#include "harness/plan/server.h"

#include <string.h>

#include "common/units.h"

#define IDS_COMPARED 16 /* two distributions that draw these alike are the same */

/* The value of an option among the arguments, the last one; NULL: it is not there. As getopt_long()
 * reads them: a name may be cut short, to `least` letters here. */
static const char *find(const json_t *arguments, const char *name, size_t least, char letter)
{
    const char *value = NULL, *word;
    const json_t *argument;
    size_t i, size;

    json_array_foreach((json_t *)arguments, i, argument)
    {
        word = json_string_value(argument);
        size = strcspn(word, "=");
        if (word[0] == '-' && word[1] == letter)
            value = word + 2;
        else if (strncmp(word, "--", 2) == 0 && size >= 2 + least &&
                 strncmp(word + 2, name, size - 2) == 0)
            value = word + size + (word[size] == '=');
        else
            continue;
        if (*value == '\0')
            value = json_string_value(json_array_get(arguments, i + 1));
    }
    return value;
}

uint64_t server_seed(const json_t *arguments)
{
    const char *text = find(arguments, "seed", 1, 's');
    uint64_t seed;

    return text != NULL && units_parse_count(text, &seed) == 0 ? seed : SERVER_SEED_DEFAULT;
}

static bool are_alike(const struct distribution *a, const struct distribution *b)
{
    bool alike = true;

    for (uint64_t id = 0; id < IDS_COMPARED; id++)
        alike = alike && latency_delay_ns(a, 1, id, 0) == latency_delay_ns(b, 1, id, 0);
    return alike;
}

void server_check_latency(const struct plan *plan, const struct reader *reader)
{
    struct reader server = reader_member(reader, "server");
    struct reader args = reader_member(&server, "args"), url = reader_member(&server, "url");
    const char *spec = find(plan->server_arguments, "latency", 2, 'L');
    struct distribution latency = {.kind = LATENCY_FIXED};
    struct error error;

    if (spec != NULL && latency_parse(spec, &latency, &error) < 0)
        reader_report(&args, "%s", error.text);
    for (size_t i = 0; i < plan->cell_count; i++) {
        const struct cell *cell = &plan->cells[i];

        if (cell->memory || !cell_work_requests(&cell->work))
            continue;
        if (plan->server_url != NULL && cell_draws(cell))
            reader_report(&url,
                          "nobody knows how a server of your own draws; give the cell %s a latency "
                          "that is a time",
                          cell->id);
        if (spec != NULL && !are_alike(&latency, &cell->latency.distribution))
            reader_report(&args,
                          "the server is told a latency of %s, but the cell %s has another, which "
                          "goes before it; leave one of them out, or make them the same",
                          spec, cell->id);
    }
}
