/* The page of a report: its Markdown as one HTML file that needs nothing else. */
#include "report/texts.h"

#include <ctype.h>
#include <errno.h>
#include <md4c-html.h>
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

/* No HTML from the text, and no links that the text does not mark as such. */
#define MARKDOWN_FLAGS (MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_NOHTML)

struct page {
    const char *body, *folder; /* HTML; of the report */
    struct error *error;
    int status; /* of the plots: a page without one is made all the same */
};

/* ---- Plots ------------------------------------------------------------------------------- */

static void write_base64(FILE *out, const unsigned char *data, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < size; i += 3) {
        unsigned left = size - i > 2 ? 3 : (unsigned)(size - i);
        unsigned bits = (unsigned)data[i] << 16 | (left > 1 ? (unsigned)data[i + 1] << 8 : 0) |
                        (left > 2 ? data[i + 2] : 0);

        fputc(digits[bits >> 18], out);
        fputc(digits[bits >> 12 & 63], out);
        fputc(left > 1 ? digits[bits >> 6 & 63] : '=', out);
        fputc(left > 2 ? digits[bits & 63] : '=', out);
    }
}

/* Writes the plot that `at` refers to into the page. Only the report's own pictures are written so:
 * in texts of a run a quote is "&quot;". Returns the bytes of the reference, 0 where it is none, or
 * a negative errno. */
static int write_plot(FILE *out, const char *at, const char *folder)
{
    char name[NAME_SIZE], file[NAME_SIZE + 16], path[PATH_MAX], *svg;
    int length = 0;
    size_t size;

    if (sscanf(at, "src=\"plots/%63[a-z-].svg\"%n", name, &length) != 1 || length == 0)
        return 0;
    snprintf(file, sizeof(file), "plots/%s.svg", name);
    svg = file_read(path_join(path, folder, file), PLOT_SIZE_MAX, &size);
    if (svg == NULL)
        return -errno;
    fputs("src=\"data:image/svg+xml;base64,", out);
    write_base64(out, (const unsigned char *)svg, size);
    fputc('"', out);
    free(svg);
    return length;
}

/* ---- The text ---------------------------------------------------------------------------- */

/* What stands for what in the page. Verdicts get their colours, the mark and the words say it
 * without; tables get a box in which they scroll on a phone, where that of the claims becomes a
 * list. The first that fits counts. */
#define CLAIMS_HEAD "<table>\n<thead>\n<tr>\n<th>Claim</th>\n<th>The article (criterion)</th>\n"

static const struct format_replacement replaced[] = {
    {"<td>– not measured<", "<td class=\"open\">", 4},
    {"✓ reproduced:", "<b class=\"yes\">✓ reproduced:</b>", 0},
    {"✗ not reproduced:", "<b class=\"no\">✗ not reproduced:</b>", 0},
    {"? undecided:", "<b class=\"open\">? undecided:</b>", 0},
    {CLAIMS_HEAD, "<div class=\"scroll\"><table class=\"claims\">", 7},
    {"<table>", "<div class=\"scroll\"><table>", 0},
    {"</table>", "</table></div>", 0},
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

static void write_body(FILE *out, struct page *page)
{
    for (const char *at = page->body; *at != '\0';) {
        int plot = *at == 's' ? write_plot(out, at, page->folder) : 0;
        size_t length;
        const char *in_place = format_replacement(replaced, at, &length);

        if (plot < 0)
            page->status = error_set(page->error, plot, "a plot of the page: %s", strerror(-plot));
        if (plot > 0) {
            at += plot;
        } else if (in_place != NULL) {
            fputs(in_place, out);
            at += length;
        } else {
            fputs(at > page->body && is_before_unit(at) ? "&nbsp;" : (char[]){*at, '\0'}, out);
            at++;
        }
    }
}

static int call(void *user, const char *name, FILE *out)
{
    if (strcmp(name, "body") == 0)
        write_body(out, user);
    else
        fputs(embedded_style_css, out);
    return 0;
}

static void append(const MD_CHAR *text, MD_SIZE size, void *body)
{
    sqlite3_str_append(body, text, (int)size);
}

int page_write(FILE *out, struct dataset *dataset, const char *markdown, const char *folder,
               struct error *error)
{
    static const struct template_part parts[] = {{"page", embedded_page_html}, {0}};
    struct page page = {.folder = folder, .error = error};
    const struct template template = {
        .dataset = dataset, .parts = parts, .call = call, .user = &page};
    sqlite3_str *str = sqlite3_str_new(NULL);
    int status = md_html(markdown, (MD_SIZE)strlen(markdown), append, str, MARKDOWN_FLAGS, 0);
    char *body = sqlite3_str_finish(str);

    page.body = body;
    status = status != 0 || body == NULL ? error_set(error, -ENOMEM, "no memory for the page")
                                         : template_write(out, &template, "page", error);
    sqlite3_free(body);
    return status < 0 ? status : page.status;
}
