#include "report/claim_reason.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/claim_pattern.h"
#include "report/format.h"
#include "report/memory_figures.h"
#include "report/mixed.h"

#define NAME_SIZE 64

/* What the names in a sentence may refer to: the cell, and the memory pass of the same lane. */
struct source {
    const struct cell *cell;
    const struct memory_cell *memory;
    const struct run *run;
};

struct figure {
    const char *name;
    double (*value)(const struct source *source);
    void (*format)(FILE *out, double value);
};

static double median(const struct stats_summary *summary)
{
    return summary->count > 0 ? summary->median : NAN;
}

static double of_cell(const struct source *source, size_t offset)
{
    return source->cell == NULL
               ? NAN
               : median((const struct stats_summary *)((const char *)source->cell + offset));
}

static double of_memory(const struct source *source, size_t offset)
{
    return source->memory == NULL
               ? NAN
               : median((const struct stats_summary *)((const char *)source->memory + offset));
}

#define CELL_FIGURE(field)                                                                         \
    static double field(const struct source *source)                                               \
    {                                                                                              \
        return of_cell(source, offsetof(struct cell, field));                                      \
    }
#define LOOP_FIGURE(name, field)                                                                   \
    static double name(const struct source *source)                                                \
    {                                                                                              \
        return of_cell(source, offsetof(struct cell, loop.field));                                 \
    }
#define MEMORY_FIGURE(name, field)                                                                 \
    static double name(const struct source *source)                                                \
    {                                                                                              \
        return of_memory(source, offsetof(struct memory_cell, field));                             \
    }

CELL_FIGURE(wall_ns)
CELL_FIGURE(cpu_ns)
CELL_FIGURE(start_ns)
CELL_FIGURE(rss_bytes)
CELL_FIGURE(lateness_p99_ns)
LOOP_FIGURE(heartbeat_p99_ns, lateness_p99_ns)
LOOP_FIGURE(heartbeat_max_ns, lateness_max_ns)
LOOP_FIGURE(longest_block_ns, longest_block_ns)
MEMORY_FIGURE(pss_bytes, pss_bytes)
MEMORY_FIGURE(resident_bytes, rss_bytes)
MEMORY_FIGURE(virtual_bytes, virtual_bytes)
MEMORY_FIGURE(kernel_bytes, kernel_bytes)
MEMORY_FIGURE(held, in_flight)
MEMORY_FIGURE(threads, threads)
MEMORY_FIGURE(processes, processes)

static double peak(const struct source *source)
{
    if (source->cell == NULL || source->cell->in_flight_peak.count == 0)
        return NAN;
    return source->cell->in_flight_peak.max;
}

static double verified(const struct source *source)
{
    if (source->cell == NULL || source->cell->verified.count == 0)
        return NAN;
    return source->cell->verified.min;
}

static double failed(const struct source *source)
{
    return source->cell != NULL ? source->cell->of.requests - verified(source) : NAN;
}

static double cpu_each_ns(const struct source *source)
{
    return source->cell != NULL ? cpu_ns(source) / source->cell->of.requests : NAN;
}

static double floor_ns(const struct source *source)
{
    return source->cell != NULL ? source->cell->floor_ns : NAN;
}

static double overhead_ns(const struct source *source)
{
    return wall_ns(source) - floor_ns(source);
}

static double overhead_share(const struct source *source)
{
    return floor_ns(source) > 0 ? overhead_ns(source) / floor_ns(source) : NAN;
}

/* PSS of the same lane with one request in flight: what the process needs before any work. */
static double base_bytes(const struct source *source)
{
    return source->memory != NULL ? memory_figures_of(source->run, source->memory).base_bytes : NAN;
}

static double per_request_bytes(const struct source *source)
{
    return source->memory != NULL ? memory_figures_of(source->run, source->memory).per_request_bytes
                                  : NAN;
}

static double virtual_per_request_bytes(const struct source *source)
{
    return held(source) > 0 ? virtual_bytes(source) / held(source) : NAN;
}

static double pss_per_request_bytes(const struct source *source)
{
    return held(source) > 0 ? pss_bytes(source) / held(source) : NAN;
}

static double items_per_second(const struct source *source)
{
    return source->cell != NULL ? mixed_throughput(source->cell) : NAN;
}

static const struct figure figures[] = {
    {"wall", wall_ns, format_duration},
    {"cpu", cpu_ns, format_duration},
    {"cpu_each", cpu_each_ns, format_duration},
    {"start", start_ns, format_duration},
    {"rss", rss_bytes, format_bytes},
    {"lateness_p99", lateness_p99_ns, format_duration},
    {"heartbeat_p99", heartbeat_p99_ns, format_duration},
    {"heartbeat_max", heartbeat_max_ns, format_duration},
    {"longest_block", longest_block_ns, format_duration},
    {"items", items_per_second, format_rate},
    {"peak", peak, format_count},
    {"verified", verified, format_count},
    {"failed", failed, format_count},
    {"floor", floor_ns, format_duration},
    {"overhead", overhead_ns, format_duration},
    {"overhead_percent", overhead_share, format_change},
    {"pss", pss_bytes, format_bytes},
    {"resident", resident_bytes, format_bytes},
    {"virtual", virtual_bytes, format_bytes},
    {"kernel", kernel_bytes, format_bytes},
    {"held", held, format_count},
    {"threads", threads, format_count},
    {"processes", processes, format_count},
    {"base", base_bytes, format_bytes},
    {"per_request", per_request_bytes, format_bytes},
    {"pss_per_request", pss_per_request_bytes, format_bytes},
    {"virtual_per_request", virtual_per_request_bytes, format_bytes},
};

static const struct figure *figure_of(const char *name)
{
    for (size_t i = 0; i < sizeof(figures) / sizeof(figures[0]); i++)
        if (strcmp(figures[i].name, name) == 0)
            return &figures[i];
    return NULL;
}

/* Takes the name in braces at `at` and returns what follows it, or NULL where this is no name. */
static const char *take_name(const char *at, char *name)
{
    size_t length = strcspn(at + 1, "}");

    if (at[length + 1] != '}' || length == 0 || length >= NAME_SIZE)
        return NULL;
    memcpy(name, at + 1, length);
    name[length] = '\0';
    return at + length + 2;
}

/* Memory figures of a claim about a cell come from the memory pass of its lane and concurrency. */
static struct source source_of(const struct claim *claim, const struct run *run, bool other)
{
    struct source source = {.cell = other ? claim->to : claim->cell,
                            .memory = other ? claim->to_memory : claim->memory_cell,
                            .run = run};

    if (source.memory == NULL && source.cell != NULL)
        source.memory = run_memory(run, source.cell->of.lane, source.cell->of.concurrency);
    return source;
}

/* "pattern.took_ns": what the pattern is called that a claim selects is no matter of its name. */
static const char *pattern_figure(const char *name)
{
    return strncmp(name, "pattern.", 8) == 0 ? name + 8 : NULL;
}

static bool write_figure(FILE *out, const char *name, const struct claim *claim,
                         const struct run *run)
{
    bool other = strncmp(name, "to.", 3) == 0;
    const struct figure *figure = figure_of(other ? name + 3 : name);
    struct source source = source_of(claim, run, other);
    double value = figure != NULL ? figure->value(&source) : NAN;

    if (pattern_figure(name) != NULL)
        return claim_pattern_write(out, pattern_figure(name), claim->json, run);
    if (isfinite(value))
        figure->format(out, value);
    return isfinite(value);
}

static bool write_sentence(FILE *out, const char *sentence, const struct claim *claim,
                           const struct run *run)
{
    char name[NAME_SIZE];

    while (*sentence != '\0') {
        const char *rest = *sentence == '{' ? take_name(sentence, name) : NULL;

        if (rest == NULL) {
            fputc(*sentence++, out);
            continue;
        }
        if (!write_figure(out, name, claim, run))
            return false;
        sentence = rest;
    }
    return true;
}

size_t claim_reason_write(FILE *out, const json_t *sentences, const struct claim *claim,
                          const struct run *run)
{
    size_t written = 0, i;
    json_t *sentence;

    json_array_foreach(sentences, i, sentence)
    {
        char *text = NULL;
        size_t length;
        FILE *stream = json_is_string(sentence) ? open_memstream(&text, &length) : NULL;
        bool whole =
            stream != NULL && write_sentence(stream, json_string_value(sentence), claim, run);

        if (stream != NULL && fclose(stream) == 0 && whole)
            fprintf(out, "%s%s", written++ > 0 ? " " : "", text);
        free(text);
    }
    return written;
}

bool claim_reason_is_known(const char *sentence)
{
    char name[NAME_SIZE];
    const char *rest;

    for (; *sentence != '\0'; sentence++) {
        if (*sentence != '{')
            continue;
        rest = take_name(sentence, name);
        if (rest != NULL && pattern_figure(name) != NULL)
            continue;
        if (rest == NULL || figure_of(strncmp(name, "to.", 3) == 0 ? name + 3 : name) == NULL)
            return false;
    }
    return true;
}
