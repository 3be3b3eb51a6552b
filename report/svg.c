/* gnuplot's pictures as parts of a page: without what every picture repeats, with titles that a
 * browser shows where the mouse is, and with a drawing that style.css colours. */
#include "report/texts.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "report/format.h"

#define FONT " font-family=\"DejaVu Sans\" font-size=\"14.00\" "

/* What the page's style says once for all pictures, or what only a script could use. */
static const struct format_replacement left_out[] = {
    {" fill=\"none\" color=\"black\" stroke=\"currentColor\"", "", 0},
    {" fill=\"none\"", "", 0},
    {" stroke-linecap=\"butt\" stroke-linejoin=\"miter\"", "", 0},
    {" stroke=\"none\" fill=\"rgb(34,34,34)\"" FONT, "", 0},
    {FONT, "", 0},
    {"<text>", "", 0}, /* write_text() has begun it */
    {"</text>\n\t</g>", "</text>", 0},
    {" text-anchor=\"start\"", "", 0},
    {" text-anchor=\"middle\"", " class=m", 0},
    {" text-anchor=\"end\"", " class=e", 0},
    {" class=\"gridline\"", "", 0},
    {"xlink:href", "href", 0},
    {" stroke-width=\"1.00\"", "", 0},
    {" stroke-width=\"2.00\"", "", 0},
    {"  d='", " d='", 0},
    {"  '/>", "'/>", 0},
    {"\t", "", 0},
    {0},
};

/* A polygon without a height, as gnuplot fills one between any two steps of a curve. Returns its
 * bytes, or 0. */
static size_t flat_polygon(const char *at)
{
    const char *points = strncmp(at, "<polygon ", 9) == 0 ? strstr(at, "points = '") : NULL;
    const char *end = points != NULL ? strstr(points, "'/>") : NULL;
    double x, y, first_y;
    int length;

    if (end == NULL || sscanf(points + 10, "%lf,%lf%n", &x, &first_y, &length) != 2)
        return 0;
    for (points += 10 + length; sscanf(points, " %lf,%lf%n", &x, &y, &length) == 2;
         points += length)
        if (y != first_y)
            return 0;
    return (size_t)(end + 3 - at);
}

/* A path without a line, such as a tic of no length, or a group that draws nothing, as gnuplot
 * leaves one at each change of a colour. Returns its bytes, or 0. */
static size_t nothing_drawn(const char *at)
{
    bool path = strncmp(at, "<path ", 6) == 0;
    const char *end = path || strncmp(at, "<g ", 3) == 0 ? strchr(at, '>') : NULL;

    if (end == NULL)
        return 0;
    if (path)
        return memchr(at, 'L', (size_t)(end - at)) == NULL ? (size_t)(end + 1 - at) : 0;
    end += 1 + strspn(end + 1, " \t\n");
    if (strncmp(end, "<text></text>", 13) == 0)
        end += 13 + strspn(end + 13, " \t\n");
    return strncmp(end, "</g>", 4) == 0 ? (size_t)(end + 4 - at) : 0;
}

/* The name of a plot of gnuplot's, which is a piece of its script. */
static size_t plot_name(const char *at)
{
    const char *end = strncmp(at, "<g id=", 6) == 0 ? strstr(at, "</title>") : NULL;

    return end != NULL ? (size_t)(end + 8 - at) : 0;
}

/* A hypertext: its words are the argument of a script that no page has. */
static size_t write_hypertext(FILE *out, const char *at)
{
    static const char begin[] = "<g onmousemove=\"gnuplot_svg.showHypertext(evt,'";
    static const char end[] = "')\" onmouseout=\"gnuplot_svg.hideHypertext()\"><title> </title>";
    const char *text = at + sizeof(begin) - 1;
    const char *behind = strncmp(at, begin, sizeof(begin) - 1) == 0 ? strstr(text, end) : NULL;

    if (behind == NULL)
        return 0;
    fprintf(out, "<g><title>%.*s</title>", (int)(behind - text), text);
    return (size_t)(behind - at) + sizeof(end) - 1;
}

static size_t write_colour(FILE *out, const char *at)
{
    unsigned red, green, blue;
    int length = 0;

    if (strncmp(at, "rgb(", 4) != 0 || /* sscanf() looks for the end of the whole text */
        sscanf(at, "rgb(%u,%u,%u)%n", &red, &green, &blue, &length) != 3)
        return 0;
    fprintf(out, "#%02x%02x%02x", red, green, blue);
    return (size_t)length;
}

/* A tenth of a pixel is as exact as one sees. */
static void print_number(FILE *out, double value)
{
    char text[32];
    int length = snprintf(text, sizeof(text), "%.1f", value);

    if (length > 2 && strcmp(text + length - 2, ".0") == 0)
        text[length - 2] = '\0';
    fputs(text, out);
}

static size_t write_number(FILE *out, const char *at, char before)
{
    char *end;

    if (!isdigit((unsigned char)*at) || strchr(".#", before) != NULL ||
        (isalnum((unsigned char)before) && strchr("ML", before) == NULL))
        return 0;
    print_number(out, strtod(at, &end));
    return (size_t)(end - at);
}

/* A text, which gnuplot puts into a group of its own, to say where it stands. */
static size_t write_text(FILE *out, const char *at)
{
    static const char begin[] = "<g transform=\"translate(";
    char *end;

    if (strncmp(at, begin, sizeof(begin) - 1) != 0)
        return 0;
    fputs("<text x=", out);
    print_number(out, strtod(at + sizeof(begin) - 1, &end));
    fputs(" y=", out);
    print_number(out, strtod(end + 1, &end));
    return (size_t)(end + 2 - at);
}

/* Writes what stands for `at`, or nothing. Returns the bytes that it stands for, 0: `at` itself. */
static size_t write_in_place(FILE *out, const char *at, bool in_tag)
{
    size_t length;
    const char *in_place = format_replacement(left_out, at, &length);

    if (*at == '\n') { /* it may stand between two numbers */
        length = 1;
        fputs(isdigit((unsigned char)at[1]) ? " " : "", out);
    } else if (in_place != NULL) {
        fputs(in_place, out);
    } else if ((length = plot_name(at)) > 0) {
        fputs("<g>", out);
    } else if ((length = nothing_drawn(at)) == 0 && (length = flat_polygon(at)) == 0 &&
               (length = write_hypertext(out, at)) == 0 && (length = write_text(out, at)) == 0 &&
               in_tag && (length = write_colour(out, at)) == 0) {
        length = write_number(out, at, at[-1]);
    }
    return length;
}

void svg_write(FILE *out, const char *svg, const char *label)
{
    const char *box = strstr(svg, "viewBox="), *at = strstr(svg, "</defs>");
    bool in_tag = false;
    size_t length;

    if (box == NULL || at == NULL)
        return;
    fprintf(out, "<svg %.*s\" role=\"img\" aria-label=\"%s\"><g>", (int)strcspn(box + 9, "\"") + 9,
            box, label);
    for (at += 7; *at != '\0' && strncmp(at, "</svg>", 6) != 0; at += length) {
        in_tag = *at == '<' || (in_tag && *at != '>');
        length = write_in_place(out, at, in_tag);
        if (length == 0) {
            fputc(*at, out);
            length = 1;
        }
        in_tag = in_tag && at[length - 1] != '>';
    }
    fputs("</svg>", out);
}

void svg_write_symbols(FILE *out, const char *svg)
{
    const char *symbols = strstr(svg, "<defs>"), *end = strstr(svg, "<filter");

    if (symbols == NULL || end == NULL)
        return;
    fputs("<svg class=\"symbols\" aria-hidden=\"true\"><defs>", out);
    for (symbols += 6; symbols < end; symbols++) {
        symbols += strncmp(symbols, "xlink:", 6) == 0 ? 6 : 0;
        if (strchr("\n\t", *symbols) == NULL)
            fputc(*symbols, out);
    }
    fputs("</defs></svg>", out);
}
