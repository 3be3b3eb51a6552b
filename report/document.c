#include "report/document.h"

#include <math.h>
#include <string.h>

#include "common/json.h"
#include "report/answer.h"
#include "report/computing_section.h"
#include "report/format.h"
#include "report/markdown.h"
#include "report/patterns_section.h"
#include "report/problems.h"
#include "report/tables.h"
#include "report/tasks_section.h"
#include "report/twins.h"
#include "report/twins_section.h"

void document_title(FILE *out, const struct run *run)
{
    fputs(tasks_section_is_all(run) ? "Sleeping tasks: "
                                    : "Four concurrency models, one workload: ",
          out);
    fputs(json_text_at(run->run, "id", "a run without a name"), out);
}

static void write_title(FILE *out, const struct run *run)
{
    char *title = NULL;
    size_t length;
    FILE *stream = open_memstream(&title, &length);

    fputs("# ", out);
    if (stream != NULL) {
        document_title(stream, run);
        fclose(stream);
        markdown_text(out, title);
    }
    free(title);
    fputs("\n\n", out);
}

static double planned_executions(const struct run *run)
{
    double planned = 0;

    for (size_t i = 0; i < run->cell_count; i++)
        if (run->cells[i].of.skipped == NULL && isfinite(run->cells[i].rounds))
            planned += run->cells[i].rounds;
    return planned;
}

/* A report of a run that is not whole must not be taken for one. */
static void write_state(FILE *out, const struct run *run)
{
    const char *status = json_text_at(run->run, "status", "unknown");

    if (strcmp(status, "complete") == 0 && json_array_size(run->faults) == 0)
        return;
    if (strcmp(status, "complete") != 0) {
        fputs("> **This run is not complete** (status: ", out);
        markdown_text(out, status);
        fprintf(out, "): %zu of ", json_array_size(run->samples));
        format_count(out, planned_executions(run));
        fputs(" planned executions are there. The figures below are of these.\n", out);
    }
    if (json_array_size(run->faults) > 0)
        fputs(">\n> **Parts of the run folder could not be read:** see the problems at the end.\n",
              out);
    fputc('\n', out);
}

/* Without the mock server there is no one who confirms anything. */
static void write_server(FILE *out, const struct run *run)
{
    const char *url = json_text_at(run->run, "settings.server_url", NULL);

    if (url == NULL)
        return;
    fputs("> **Measured against a server of the user's own,** ", out);
    markdown_text(out, url);
    fputs(": nothing confirms how many requests were in flight or how late the server was, and the "
          "floor rests on the latency that the plan says it has.\n\n",
          out);
}

static void write_claims(FILE *out, const struct plot_source *source)
{
    bool in_c = !twins_in(source->run);

    fprintf(out,
            "## The article's claims\n\n"
            "The article compares asyncio, threads and sequential code in Python; this suite runs "
            "the same workload in C%s. In parentheses stands when a claim counts as reproduced; "
            "that criterion is ours.\n\n",
            in_c ? ""
                 : ", and here in other languages as well, Python's with the article's libraries");
    if (in_c)
        table_claims(out, source->claims);
    else
        table_claims_by_language(out, source->run, source->claims);
    fputc('\n', out);
}

static void write_wall(FILE *out, const struct plot_source *source, const struct plots *plots)
{
    char label[LABEL_SIZE];

    if (source->groups->count == 0 && source->cpu->count + source->mixed->count > 0)
        return;
    fputs("## Wall time\n\n", out);
    plots_show(out, plots, "wall");
    for (size_t i = 0; i < source->groups->count; i++) {
        const struct group *group = &source->groups->list[i];

        fprintf(out, "### %s\n\n", group_label(group, label));
        table_wall(out, source->run, group);
        fputc('\n', out);
        table_comparison(out, source->run, group);
        fputc('\n', out);
    }
    if (source->groups->count == 0)
        fputs("The run has no cells.\n\n", out);
}

static void write_methods(FILE *out, const struct run *run)
{
    if (run->memory_count == 0)
        return;
    fputs("\n### Two methods\n\n", out);
    table_methods(out, run);
    fputs("\n**PSS** is the sum over the processes of the lane of the pages mapped into them, also "
          "those of programs and libraries, each page divided by the number of processes that map "
          "it; it holds nothing of the kernel's. The **memory cgroup** is charged with the pages "
          "that the lane was the first to touch, so not with libraries that were in memory before, "
          "and with the kernel's memory (thread stacks, page tables, sockets), which stands apart "
          "here. Both count heap and stacks in full, and must agree there; the differences of all "
          "are "
          "those libraries. ⚠ marks a difference beyond 10 % and 1 MB. RSS, "
          "summed, counts a page once for each process that maps it.\n",
          out);
}

static void write_slopes(FILE *out, const struct run *run)
{
    char *table = NULL;
    size_t length = 0, rows = 0;
    FILE *stream = open_memstream(&table, &length);

    if (stream == NULL)
        return;
    rows = table_slopes(stream, run);
    if (fclose(stream) == 0 && rows > 0)
        fprintf(out,
                "\n### What one more request in flight costs\n\n%s\n"
                "The slope of a line by least squares through all passes of a lane, with its 95 %% "
                "interval by Student's t; requests as the server confirmed them. The largest "
                "concurrencies weigh most. \"Virtual\" is address space that was reserved: a "
                "thread's stack is in it as a whole, and only what was touched is memory.\n",
                table);
    free(table);
}

static void write_memory(FILE *out, const struct plot_source *source, const struct plots *plots)
{
    fputs("## Memory\n\n", out);
    plots_show(out, plots, "memory");
    table_memory(out, source->run);
    fputs("\n", out);
    if (source->run->memory_count == 0)
        return;
    fputs(
        "PSS counts a page that several processes share once. \"Kernel\" is what the kernel "
        "holds for the lane (thread stacks, page tables, sockets), where a memory cgroup could be "
        "made to tell; it is not part of PSS. \"Virtual\" is address space, not memory. \"Base\", "
        "\"increase\" and \"each further request\" are against the same lane with one "
        "request; an increase is of heap and stacks where they are known, since PSS's part of "
        "libraries changes with what else runs.\n",
        out);
    write_methods(out, source->run);
    write_slopes(out, source->run);
    fputc('\n', out);
    plots_show(out, plots, "memory-concurrency");
    plots_show(out, plots, "memory-time");
}

static void write_curves(FILE *out, const struct plots *plots)
{
    if (plots_find(plots, "concurrency") != NULL || plots_find(plots, "sweep") != NULL)
        fputs("## Wall time against concurrency\n\n", out);
    plots_show(out, plots, "concurrency");
    plots_show(out, plots, "sweep");
    if (plots_find(plots, "in-flight") != NULL || plots_find(plots, "requests") != NULL)
        fputs("## Requests over time\n\n"
              "One panel for each model, at its fastest, from the execution whose requests were "
              "recorded. Each panel has its own time axis.\n\n",
              out);
    plots_show(out, plots, "in-flight");
    plots_show(out, plots, "requests");
}

static void write_reading(FILE *out)
{
    fputs(
        "## How to read this\n\n"
        "- **Floor**: the least wall time possible, ceil(N/C) times the latency. What a model "
        "costs "
        "is what it needs above it.\n"
        "- **Wall**: the whole process from start to exit, the median of the valid executions. "
        "Each table is ordered by it; that one model is faster than another says only the verdict "
        "beside the ratio.\n"
        "- **[interval]**: in square brackets stands the 95 % interval of the median, by "
        "bootstrap. "
        "Of fewer than 6 executions no interval can be given; then it is the least … the most.\n"
        "- **MAD**: the median distance of the executions from their median.\n"
        "- **Times that of the first**: the median of the ratios within each round, with its 95 % "
        "interval. *No clear difference* where the interval includes 1. Of 20 such comparisons of "
        "models that do not differ, one is expected to show a difference.\n"
        "- **In flight, asked / seen**: the concurrency that the lane was given, and the most "
        "requests that the server itself had at one moment, a range where the executions differ. "
        "Where the second is smaller, a note says why.\n"
        "- **CPU time**: user and system time of the process and its workers; median. **Max RSS**: "
        "of the largest single process.\n"
        "- **Lateness p99**: 99 % of the server's answers came no later than this after the moment "
        "at which they were due; of the worst execution. It is the mock server's own error.\n"
        "- **Valid**: executions in which every request was answered once, with its own body, and "
        "in which the server kept its promises. Others are shown, not ranked. **Noisy** ones are "
        "valid, but something on the machine may have disturbed them; **outliers** lie further "
        "from the median than 3.5 times 1.4826 MAD. Both count, and are listed at the end.\n"
        "- A dash stands for what was not measured.\n\n",
        out);
}

static void write_method(FILE *out, const struct run *run)
{
    bool in_c = !twins_in(run);
    double rounds = 0;

    for (size_t i = 0; i < run->cell_count; i++)
        if (isfinite(run->cells[i].rounds))
            rounds = fmax(rounds, run->cells[i].rounds);
    fprintf(out,
            "## Method in short\n\n"
            "Every model runs the same workload%s against a mock server on "
            "the same machine, over loopback, whose latency is exact. ",
            in_c ? " with the same request code" : "");
    if (rounds > 0)
        fprintf(out, "The cells were run in up to %.0f rounds, each round in random order", rounds);
    if (rounds > 0 && isfinite(run_number(run->run, "seed")))
        fprintf(out, " (seed %.0f)", run_number(run->run, "seed"));
    fputs(rounds > 0 ? ". " : "", out);
    fputs("hyperfine times each process as a whole. The server counts the requests in flight and "
          "how late it was itself. Memory is read in passes of their own, with a latency so long "
          "that the server confirms all requests in flight at the moment of the reading.\n\n"
          "What this does not say: nothing about real networks (loopback loses and delays "
          "nothing), ",
          out);
    fputs(in_c ? "about other HTTP clients or languages, or about "
               : "about other HTTP clients, languages and versions than these, or about ",
          out);
    fputs("servers that slow down under load. Client and server share the cores of one machine, so "
          "large bursts cost both. ",
          out);
    fputs(
        in_c ? "The article's figures are Python's, these are C's with libcurl: the ratios between "
               "the models compare better than the figures. "
             : "The lanes in C share one request code; the twins share theirs within a language, "
               "and differ in their HTTP clients as well as in the model. ",
        out);
    fputs("All of it is in docs/method.md; every table is in tables.json and tables/ as data.\n\n",
          out);
}

static void write_environment(FILE *out, const struct run *run)
{
    fputs("## Environment\n\n", out);
    fputs("Run from ", out);
    markdown_text(out, json_text_at(run->run, "started_at", NULL));
    fputs(" to ", out);
    markdown_text(out, json_text_at(run->run, "finished_at", NULL));
    fputs(", plan ", out);
    markdown_text(out, json_text_at(run->run, "plan.name", NULL));
    fputs(".\n\n", out);
    table_environment(out, run);
    fputc('\n', out);
}

void document_write(FILE *out, const struct plot_source *source, const struct plots *plots)
{
    write_title(out, source->run);
    write_state(out, source->run);
    write_server(out, source->run);
    answer_write(out, source);
    fputc('\n', out);
    if (!tasks_section_is_all(source->run)) {
        write_claims(out, source);
        twins_section_write(out, source, plots);
        write_wall(out, source, plots);
        write_memory(out, source, plots);
    }
    tasks_section_write(out, source->run, plots);
    write_curves(out, plots);
    computing_section_write_cpu(out, source, plots);
    computing_section_write_mixed(out, source, plots);
    patterns_section_write(out, source->run, plots);
    if (!tasks_section_is_all(source->run)) {
        write_reading(out);
        write_method(out, source->run);
    }
    write_environment(out, source->run);
    fputs("## Problems and skipped cells\n\n", out);
    problems_write(out, source->run, plots);
    fputs("\n## Noise and outliers\n\n", out);
    problems_write_noise(out, source->run);
}
