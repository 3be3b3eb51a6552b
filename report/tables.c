#include "report/tables.h"

#include <math.h>
#include <string.h>

#include "common/json.h"
#include "report/format.h"
#include "report/markdown.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

const char *table_verdict_mark(enum verdict verdict)
{
    static const char *const marks[] = {"✓", "✗", "–"};

    return marks[verdict];
}

void table_claim_and_article(FILE *out, const struct claim *claim)
{
    char *criterion = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&criterion, &length);

    fputs("| ", out);
    markdown_text(out, json_text_at(claim->json, "claim", NULL));
    fputs(" | ", out);
    markdown_text(out, json_text_at(claim->json, "article.text", NULL));
    if (stream != NULL)
        claims_format_criterion(stream, claim);
    if (stream != NULL && fclose(stream) == 0 && length > 0)
        fprintf(out, " (%s)", criterion);
    free(criterion);
    fputs(" | ", out);
}

static void claim_row(FILE *out, const struct claim *claim)
{
    table_claim_and_article(out, claim);
    claims_format_measured(out, claim);
    fprintf(out, " | %s %s | %s |\n", table_verdict_mark(claim->verdict),
            claims_verdict_name(claim->verdict), claim->reason);
}

void table_claims(FILE *out, const struct claims *claims)
{
    static const char *const names[] = {"Claim", "The article (criterion)", "Measured here",
                                        "Verdict", "Reason"};

    markdown_table_head(out, names, COUNT_OF(names));
    for (size_t i = 0; i < claims->count; i++)
        claim_row(out, &claims->list[i]);
}

struct fact {
    const char *name;
    const char *path;
    void (*format)(FILE *, double); /* NULL: a text */
};

static const struct fact facts[] = {
    {"Processor", "environment.cpu_model", NULL},
    {"Cores", "environment.cores", format_count},
    {"Memory", "environment.memory_bytes", format_bytes},
    {"Kernel", "environment.kernel", NULL},
    {"Virtualisation", "environment.virtualisation", NULL},
    {"Frequency (MHz)", "environment.cpu_mhz", format_count},
    {"Governor", "environment.governor", NULL},
    {"Memory available", "environment.memory_available_bytes", format_bytes},
    {"Swap", "environment.swap_bytes", format_bytes},
    {"Transparent huge pages", "environment.huge_pages", NULL},
    {"Load at the start (1 min)", "environment.load_1m", format_ratio},
    {"Time taken by the host during the run", "environment.steal_ns", format_duration},
    {"Descriptors, soft limit", "environment.limits.nofile_soft", format_count},
    {"Descriptors, hard limit", "environment.limits.nofile_hard", format_count},
    {"Processes of the user", "environment.limits.nproc", format_count},
    {"Process ids", "environment.limits.pid_max", format_count},
    {"Threads of the system", "environment.limits.threads_max", format_count},
    {"Mappings of a process", "environment.limits.max_map_count", format_count},
    {"Listen backlog", "environment.limits.somaxconn", format_count},
    {"Sources", "environment.git.revision", NULL},
};

static bool write_fact(FILE *out, const struct run *run, const struct fact *fact)
{
    double number = run_number(run->run, fact->path);
    const char *text = json_text_at(run->run, fact->path, NULL);

    if (text == NULL && (fact->format == NULL || !isfinite(number)))
        return false;
    fprintf(out, "| %s | ", fact->name);
    if (text != NULL)
        markdown_text(out, text);
    else
        fact->format(out, number);
    return true;
}

static void version_rows(FILE *out, const struct run *run)
{
    const char *name;
    json_t *version;

    json_object_foreach(json_at(run->run, "environment.versions"), name, version)
    {
        if (!json_is_string(version))
            continue;
        fputs("| Version of ", out);
        markdown_text(out, name);
        fputs(" | ", out);
        markdown_text(out, json_string_value(version));
        fputs(" |\n", out);
    }
}

void table_environment(FILE *out, const struct run *run)
{
    static const char *const names[] = {"What", "Value"};
    const json_t *ports = json_at(run->run, "environment.limits.port_range");

    markdown_table_head(out, names, COUNT_OF(names));
    for (size_t i = 0; i < COUNT_OF(facts); i++) {
        if (!write_fact(out, run, &facts[i]))
            continue;
        if (strcmp(facts[i].path, "environment.git.revision") == 0 &&
            json_is_true(json_at(run->run, "environment.git.dirty")))
            fputs(" (with changes)", out);
        fputs(" |\n", out);
    }
    if (json_is_number(json_array_get(ports, 0)) && json_is_number(json_array_get(ports, 1)))
        fprintf(out, "| Local ports | %.0f … %.0f |\n", json_number_value(json_array_get(ports, 0)),
                json_number_value(json_array_get(ports, 1)));
    version_rows(out, run);
}
