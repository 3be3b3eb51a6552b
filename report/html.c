#include "report/html.h"

#include <ctype.h>
#include <errno.h>
#include <md4c-html.h>
#include <stdlib.h>
#include <string.h>

#include "report/embedded.h"
#include "report/run_data.h"

#define PLOT_SIZE_MAX (32UL << 20)

/* No HTML from the text, and no links that the text does not mark as such. */
#define MARKDOWN_FLAGS (MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH | MD_FLAG_NOHTML)

static void append(const MD_CHAR *text, MD_SIZE size, void *out)
{
    fwrite(text, 1, size, out);
}

static void write_escaped(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            fputs("&amp;", out);
            break;
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        default:
            fputc((unsigned char)*text < ' ' ? ' ' : *text, out);
        }
    }
}

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

static int write_plot(FILE *out, const char *folder, const char *name)
{
    char path[4096], *svg;
    size_t size;

    snprintf(path, sizeof(path), "%s/plots/%s.svg", folder, name);
    svg = run_file_read(path, PLOT_SIZE_MAX, &size);
    if (svg == NULL)
        return -errno;
    fputs("src=\"data:image/svg+xml;base64,", out);
    write_base64(out, (const unsigned char *)svg, size);
    fputc('"', out);
    free(svg);
    return 0;
}

/* The plot whose picture `at` refers to, with the length of the reference, or NULL. Only the
 * report's own pictures are written so: in texts of a run a quote is "&quot;". */
static const struct plot *referred(const char *at, const struct plots *plots, size_t *length)
{
    char reference[64];

    for (size_t i = 0; i < PLOT_COUNT; i++) {
        const struct plot *plot = &plots->list[i];

        *length =
            (size_t)snprintf(reference, sizeof(reference), "src=\"plots/%s.svg\"", plot->name);
        if (plot->state == PLOT_MADE && strncmp(at, reference, *length) == 0)
            return plot;
    }
    return NULL;
}

/* Verdicts get their colours; the mark and the words say it without. */
static const char *verdict_class(const char *cell)
{
    static const char *const classes[][2] = {
        {"<td>✓ reproduced<", "<td class=\"yes\">"},
        {"<td>✗ not reproduced<", "<td class=\"no\">"},
        {"<td>– not measured<", "<td class=\"open\">"},
    };

    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
        if (strncmp(cell, classes[i][0], strlen(classes[i][0])) == 0)
            return classes[i][1];
    return NULL;
}

/* Likewise a verdict that stands before its figure, in the claims' columns of languages. */
static const char *verdict_before_figure(const char *text, size_t *length)
{
    static const char *const marked[][2] = {
        {"✓ reproduced:", "<b class=\"yes\">✓ reproduced:</b>"},
        {"✗ not reproduced:", "<b class=\"no\">✗ not reproduced:</b>"},
    };

    for (size_t i = 0; i < sizeof(marked) / sizeof(marked[0]); i++) {
        *length = strlen(marked[i][0]);
        if (strncmp(text, marked[i][0], *length) == 0)
            return marked[i][1];
    }
    return NULL;
}

/* The class of the table at `table`: that of the claims, which a phone shows as a list where it is
 * of one language, or none. */
static const char *class_of(const char *table)
{
    static const char claims[] = "<th>Claim</th>\n<th>The article (criterion)</th>\n";
    static const char measured[] = "<th>Measured here</th>";
    const char *first = strstr(table, "<th>");

    if (first == NULL || strncmp(first, claims, strlen(claims)) != 0)
        return "";
    return strncmp(first + strlen(claims), measured, strlen(measured)) == 0
               ? " class=\"claims\""
               : " class=\"languages\"";
}

/* Whether the space at `at`, not the first of the text, stands between a figure and its unit. */
static bool is_before_unit(const char *at)
{
    static const char *const units[] = {"ns", "us", "ms", "s", "KB", "MB", "GB", "TB", "%", ":"};

    if (at[-1] < '0' || at[-1] > '9')
        return false;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        size_t length = strlen(units[i]);

        if (strncmp(at + 1, units[i], length) == 0 && !isalnum((unsigned char)at[1 + length]))
            return true;
    }
    return false;
}

/* md4c aligns with align="…" attributes; tables get a box in which they scroll on a phone. */
static int write_body(FILE *out, const char *body, const char *folder, const struct plots *plots)
{
    const char *start = body;
    int error = 0;

    while (*body != '\0') {
        size_t length = 0;
        const struct plot *plot = *body == 's' ? referred(body, plots, &length) : NULL;
        const char *verdict = *body == '<' ? verdict_class(body) : NULL;
        size_t marked_length = 0;
        const char *marked = *body == '\xe2' ? verdict_before_figure(body, &marked_length) : NULL;

        if (plot != NULL) {
            int status = write_plot(out, folder, plot->name);

            error = status < 0 ? status : error;
        } else if (strncmp(body, "<table>", 7) == 0) {
            fprintf(out, "<div class=\"scroll\"><table%s>", class_of(body));
            length = 7;
        } else if (strncmp(body, "</table>", 8) == 0) {
            fputs("</table></div>", out);
            length = 8;
        } else if (*body == ' ' && body > start && is_before_unit(body)) {
            fputs("&nbsp;", out);
            length = 1;
        } else if (marked != NULL) {
            fputs(marked, out);
            length = marked_length;
        } else if (verdict != NULL) {
            fputs(verdict, out);
            length = 4;
        } else {
            fputc(*body, out);
            length = 1;
        }
        body += length;
    }
    return error;
}

static void write_head(FILE *out, const char *title)
{
    fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" "
          "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n<title>",
          out);
    write_escaped(out, title);
    fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<main>\n", embedded_style_css);
}

int html_write(FILE *out, const char *title, const char *markdown, const char *folder,
               const struct plots *plots)
{
    char *body = NULL;
    size_t size;
    FILE *stream = open_memstream(&body, &size);
    int error = -ENOMEM;

    if (stream == NULL)
        return error;
    if (md_html(markdown, (MD_SIZE)strlen(markdown), append, stream, MARKDOWN_FLAGS, 0) == 0)
        error = 0;
    if (fclose(stream) != 0)
        error = -ENOMEM;
    if (error == 0) {
        write_head(out, title);
        error = write_body(out, body, folder, plots);
        fputs("</main>\n</body>\n</html>\n", out);
    }
    free(body);
    return error;
}
