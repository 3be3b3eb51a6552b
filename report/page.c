/* The page of a report: its Markdown as one HTML file that needs nothing else. */
#include "report/texts.h"

#include <ctype.h>
#include <errno.h>
#include <md4c-html.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/count.h"
#include "common/file.h"
#include "common/path.h"
#include "report/embedded.h"
#include "report/format.h"
#include "report/template.h"

#define PLOT_SIZE_MAX (32UL << 20)
#define NAME_SIZE     64
#define LABEL_SIZE    512

/* No HTML from the text, and no links that the text does not mark as such. */
#define MARKDOWN_FLAGS (MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_NOHTML)

struct page {
    const char *body, *folder; /* HTML; of the report */
    struct dataset *dataset;
    struct error *error;
    int status;              /* of the plots: a page without one is made all the same */
    unsigned parts;          /* how many there are so far */
    int level;               /* how many parts are open, one within the other */
    bool symbols;            /* of points are there */
    char pictures[2048];     /* the names of those that are, with blanks around each */
    char section[NAME_SIZE]; /* the name of the part of the second level */
};

/* ---- Parts ------------------------------------------------------------------------------- */

/* The name by which links know a heading: its letters and digits, small, with "-" between. */
static void name_of(char name[NAME_SIZE], const char *heading)
{
    size_t length = 0;

    for (bool in_tag = false; strncmp(heading, "</h", 3) != 0 && length < NAME_SIZE - 2;
         heading++) {
        in_tag = *heading == '<' || (in_tag && heading[-1] != '>');
        if (!in_tag && isalnum((unsigned char)*heading))
            name[length++] = (char)tolower((unsigned char)*heading);
        else if (!in_tag && length > 0 && name[length - 1] != '-')
            name[length++] = '-';
    }
    name[length - (length > 0 && name[length - 1] == '-')] = '\0';
}

static int heading_length(const char *heading)
{
    const char *end = strstr(heading, "</h");

    return end != NULL ? (int)(end - heading) : (int)strlen(heading);
}

static void close_parts(FILE *out, struct page *page, int level)
{
    for (; page->level >= level; page->level--)
        fputs("</details>", out);
}

/* A heading begins a part that folds; open are the first behind what the first screen says in
 * brief, and the first within it. Returns the heading's bytes, 0 where there is none below the
 * first level. */
static int write_part(FILE *out, struct page *page, const char *at)
{
    int level = strncmp(at, "<h", 2) == 0 && at[3] == '>' && at[2] > '1' ? at[2] - '1' : 0;
    int length = level > 0 ? heading_length(at) : 0;
    char name[NAME_SIZE], id[2 * NAME_SIZE + 4];
    bool brief;

    if (level == 0)
        return 0;
    name_of(name, at + 4);
    snprintf(id, sizeof(id), "%s%s%s", level > 1 ? page->section : "", level > 1 ? "--" : "", name);
    close_parts(out, page, level);
    brief = strcmp(name, "which-to-choose") == 0 || strcmp(name, "in-brief") == 0;
    page->parts += !brief;
    fprintf(out, "<details class=\"level%d\" id=\"%s\"%s><summary>%.*s</h%d>", level, id,
            !brief && page->parts <= 2 ? " open" : "", length, at, level + 1);
    fprintf(out, "<a href=\"#%s\" title=\"a link to this part\">#</a></summary>", id);
    if (level == 1)
        strcpy(page->section, name);
    page->level = level;
    return length + 5;
}

static void write_contents(FILE *out, const struct page *page)
{
    const char *at = page->body;
    char name[NAME_SIZE];

    fputs("<ul>", out);
    while ((at = strstr(at, "<h2>")) != NULL) {
        at += 4;
        name_of(name, at);
        fprintf(out, "<li><a href=\"#%s\">%.*s</a></li>", name, heading_length(at), at);
    }
    fputs("</ul>", out);
}

/* ---- Plots ------------------------------------------------------------------------------- */

/* Writes the plot `name` into the page, once, with what stands for it where it is not seen. */
static void write_picture(FILE *out, struct page *page, const char *name, const char *label)
{
    char file[NAME_SIZE + 16], path[PATH_MAX], *svg;

    snprintf(file, sizeof(file), " %s ", name);
    if (strstr(page->pictures, file) != NULL)
        return;
    strncat(page->pictures, file, sizeof(page->pictures) - strlen(page->pictures) - 1);
    snprintf(file, sizeof(file), "plots/%s.svg", name);
    svg = file_read(path_join(path, page->folder, file), PLOT_SIZE_MAX, NULL);
    if (svg == NULL) {
        page->status = error_set(page->error, -errno, "a plot of the page: %s", strerror(errno));
        return;
    }
    if (!page->symbols)
        svg_write_symbols(out, svg);
    page->symbols = true;
    fprintf(out, "<figure id=\"plot-%s\">", name);
    svg_write(out, svg, label);
    fputs("</figure>", out);
    free(svg);
}

/* Writes the plot that `at` refers to. Only the report's own pictures are written so: in texts of a
 * run a quote is "&quot;". Returns the bytes of the reference, 0 where it is none. */
static int write_plot(FILE *out, struct page *page, const char *at)
{
    char name[NAME_SIZE], label[LABEL_SIZE];
    int length = 0;

    if (strncmp(at, "<p><img ", 8) != 0 || /* sscanf() looks for the end of the whole text */
        sscanf(at, "<p><img src=\"plots/%63[a-z-].svg\" alt=\"%511[^\"]\"></p>%n", name, label,
               &length) != 2)
        return 0;
    if (length > 0)
        write_picture(out, page, name, label);
    return length;
}

/* ---- The text ---------------------------------------------------------------------------- */

/* What stands for what in the page. Verdicts get their colours, the mark and the words say it
 * without; tables get a box in which they scroll on a phone, where that of the claims becomes a
 * list, and a line of tools. Most cells are figures, at the right: the others are marked, but for
 * the first of a row. The first that fits counts. */
#define TOOLS       "</table></div><p class=\"tools\">"
#define CLAIMS_HEAD "<table>\n<thead>\n<tr>\n<th>Claim</th>\n<th>The article (criterion)</th>\n"

static const struct format_replacement replaced[] = {
    {"<td>– not measured<", "<td class=open>", 4},
    {"✓ reproduced:", "<b class=\"yes\">✓ reproduced:</b>", 0},
    {"✗ not reproduced:", "<b class=\"no\">✗ not reproduced:</b>", 0},
    {"? undecided:", "<b class=\"open\">? undecided:</b>", 0},
    {CLAIMS_HEAD, "<div class=\"scroll\"><table class=\"claims\">", 7},
    {"<table>", "<div class=\"scroll\"><table>", 0},
    {"</table>", TOOLS, 0},
    {"<tr>\n<td>", "<tr><td>", 0},
    {"<td>", "<td class=l>", 0},
    {"<td align=\"right\">", "<td>", 0},
    {"</td>\n", "", 0}, /* HTML does without these ends */
    {"</th>\n", "", 0},
    {"</tr>\n", "", 0},
    {"<tr>\n", "<tr>", 0},
    {0},
};

/* Whether the space at `at`, not the first of the text, stands between a figure and its unit. */
static bool is_before_unit(const char *at)
{
    static const char *const units[] = {"ns", "us", "ms", "s", "KB", "MB", "GB", "TB", "%", ":"};

    if (*at != ' ' || at[-1] < '0' || at[-1] > '9')
        return false;
    for (size_t i = 0; i < COUNT_OF(units); i++) {
        size_t length = strlen(units[i]);

        if (strncmp(at + 1, units[i], length) == 0 && !isalnum((unsigned char)at[1 + length]))
            return true;
    }
    return false;
}

/* By it the page allows its own script, and no other. */
static void write_script_hash(FILE *out)
{
    unsigned char hash[EVP_MAX_MD_SIZE], text[2 * EVP_MAX_MD_SIZE];
    unsigned size;

    EVP_Digest(embedded_page_js, strlen(embedded_page_js), hash, &size, EVP_sha256(), NULL);
    EVP_EncodeBlock(text, hash, (int)size);
    fprintf(out, "'sha256-%s'", (const char *)text);
}

/* The number of the query that gave the table above, or its end without one. */
static int write_tools(FILE *out, const char *at)
{
    int length = 0, query;

    if (sscanf(at, "<p>" TEXTS_QUERY "%d</p>%n", &query, &length) != 1 || length == 0)
        return 0;
    fprintf(out, "<a href=\"#sql-%d\">SQL</a>", query);
    return length;
}

/* Up to `end`. */
static void write_body(FILE *out, struct page *page, const char *at, const char *end)
{
    while (at < end) {
        size_t replaced_length;
        const char *in_place = format_replacement(replaced, at, &replaced_length);
        int length = 0;

        if (*at == '<' && (length = write_part(out, page, at)) == 0)
            length = write_plot(out, page, at);
        if (length > 0) {
            at += length;
        } else if (in_place != NULL) {
            fputs(in_place, out);
            at += replaced_length;
            if (strcmp(in_place, TOOLS) == 0) {
                at += strspn(at, "\n");
                at += write_tools(out, at);
                fputs("</p>", out);
            }
        } else {
            fputs(at > page->body && is_before_unit(at) ? "\u00A0" : (char[]){*at, '\0'}, out);
            at++;
        }
    }
}

/* The pictures of the first screen, which the sections then do without. */
static void write_headline(FILE *out, struct page *page)
{
    sqlite3_stmt *rows =
        dataset_query(page->dataset, "SELECT name, html(title) FROM headline_plots", page->error);

    while (rows != NULL && sqlite3_step(rows) == SQLITE_ROW)
        write_picture(out, page, (const char *)sqlite3_column_text(rows, 0),
                      (const char *)sqlite3_column_text(rows, 1));
    sqlite3_finalize(rows);
}

static void write_sections(FILE *out, struct page *page, const char *at)
{
    write_body(out, page, at, at + strlen(at));
    close_parts(out, page, 1);
}

static int call(void *user, const char *name, FILE *out)
{
    struct page *page = user;
    const char *warnings = strstr(page->body, "</h1>") + 5, *sections = strstr(warnings, "<h2>");

    if (strcmp(name, "warnings") == 0)
        write_body(out, page, warnings, sections);
    else if (strcmp(name, "sections") == 0)
        write_sections(out, page, sections);
    else if (strcmp(name, "contents") == 0)
        write_contents(out, page);
    else if (strcmp(name, "style") == 0)
        fputs(embedded_style_css, out);
    else if (strcmp(name, "script") == 0)
        fputs(embedded_page_js, out);
    else if (strcmp(name, "script_hash") == 0)
        write_script_hash(out);
    else if (strcmp(name, "pictures") == 0)
        write_headline(out, page);
    else
        return -EINVAL;
    return 0;
}

static void append(const MD_CHAR *text, MD_SIZE size, void *body)
{
    sqlite3_str_append(body, text, (int)size);
}

int page_make(char **text, size_t *size, struct dataset *dataset, const char *markdown,
              const char *folder, struct error *error)
{
    static const struct template_part parts[] = {{"page", embedded_page_html}, {0}};
    struct page page = {.dataset = dataset, .folder = folder, .error = error};
    const struct template template = {
        .dataset = dataset, .parts = parts, .call = call, .user = &page};
    sqlite3_str *str = sqlite3_str_new(NULL);
    int status = md_html(markdown, (MD_SIZE)strlen(markdown), append, str, MARKDOWN_FLAGS, 0);
    char *body = sqlite3_str_finish(str);

    page.body = body;
    status = status != 0 || body == NULL ? error_set(error, -ENOMEM, "no memory for the page")
                                         : template_text(text, size, &template, "page", error);
    sqlite3_free(body);
    return status < 0 ? status : page.status;
}
