/* gnuplot's pictures as parts of a page. Of each element that draws, what it draws and how is
 * written, as far as style.css does not say it for all. Groups are left out: they only repeat it,
 * but for the width of lines. The forms draw with the kinds of elements that svg_write() lists. */
#include "report/texts.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "common/count.h"
#include "report/dataset/dataset.h"

#define STYLE_SIZE 256
#define VALUE_SIZE 64

struct picture {
    FILE *out;
    double width;               /* of lines, from here on */
    const char *said;           /* by the next symbol under the mouse, up to a quote; or NULL */
    char style[STYLE_SIZE];     /* of the lines, which become one path as long as it is the same */
    sqlite3_str *lines, *texts; /* texts stand above all else */
};

/* ---- Attributes -------------------------------------------------------------------------- */

/* The value of an attribute of the element `at`, up to a quote, or NULL. */
static const char *attribute(const char *at, const char *name)
{
    const char *end = strchr(at, '>');
    size_t length = strlen(name);

    for (; end != NULL && at < end; at++)
        if (*at == ' ' && strncmp(at + 1, name, length) == 0 &&
            strchr(" =", at[length + 1]) != NULL)
            return at + length + strcspn(at + length, "'\"") + 1;
    return NULL;
}

/* Adds the attribute to `style` where the element has it: colours as #rrggbb, without blanks. */
static void add_attribute(char style[STYLE_SIZE], const char *at, const char *name)
{
    const char *value = attribute(at, name);
    char text[VALUE_SIZE] = "";
    unsigned red, green, blue;

    if (value == NULL)
        return;
    for (size_t length = 0; strchr("'\"", *value) == NULL && length < VALUE_SIZE - 1; value++)
        if (*value != ' ')
            text[length++] = *value;
    if (sscanf(text, "rgb(%u,%u,%u)", &red, &green, &blue) == 3)
        snprintf(text, sizeof(text), "#%02x%02x%02x", red, green, blue);
    snprintf(style + strlen(style), STYLE_SIZE - strlen(style), " %s=%s", name, text);
}

/* No more can be seen. */
static double tenths(double value)
{
    return (double)lround(10 * value) / 10;
}

/* ---- Lines ------------------------------------------------------------------------------- */

/* The lines through the points up to a quote, to be freed with sqlite3_free(); NULL: there are
 * none. At "M" the pen is lifted, "Z" leads back. */
static char *lines_through(const char *points)
{
    sqlite3_str *lines = sqlite3_str_new(NULL);
    bool lifted = true, begun = false;
    double from_x = 0, from_y = 0;

    for (char *end; strchr("'\"", *points) == NULL; points = end) {
        double x = tenths(strtod(points, &end)), y;

        if (end == points) { /* a command, or what separates */
            end++;
            lifted = lifted || *points == 'M';
            if (*points == 'Z')
                sqlite3_str_appendchar(lines, 1, 'z');
            continue;
        }
        y = tenths(strtod(end + 1, &end));
        begun = begun && !lifted;
        if (!lifted && (x != from_x || y != from_y)) {
            if (!begun)
                sqlite3_str_appendf(lines, "M%g,%g", from_x, from_y);
            if (y == from_y)
                sqlite3_str_appendf(lines, "H%g", x);
            else if (x == from_x)
                sqlite3_str_appendf(lines, "V%g", y);
            else
                sqlite3_str_appendf(lines, "L%g,%g", x, y);
            begun = true;
        }
        lifted = false;
        from_x = x;
        from_y = y;
    }
    return sqlite3_str_finish(lines);
}

/* Writes the path so far, unless the next one belongs to it. */
static void begin_path(struct picture *picture, const char *style)
{
    char *lines;

    if (strcmp(picture->style, style) == 0)
        return;
    lines = sqlite3_str_finish(picture->lines);
    if (lines != NULL)
        fprintf(picture->out, "<path%s d=%s />", picture->style, lines);
    sqlite3_free(lines);
    strcpy(picture->style, style);
    picture->lines = sqlite3_str_new(NULL);
}

/* A path, or an area, of which gnuplot fills one between any two steps of a curve: many have no
 * height. */
static const char *write_lines(struct picture *picture, const char *at)
{
    const char *area = attribute(at, "points");
    char style[STYLE_SIZE] = "", *lines = lines_through(area != NULL ? area : attribute(at, "d"));

    add_attribute(style, at, area != NULL ? "fill" : "stroke");
    if (area == NULL && picture->width > 2) /* others are as style.css has them */
        snprintf(style + strlen(style), STYLE_SIZE - strlen(style), " stroke-width=%g",
                 picture->width);
    add_attribute(style, at, "opacity");
    add_attribute(style, at, "fill-opacity");
    add_attribute(style, at, "stroke-dasharray");
    begin_path(picture, style);
    if (lines != NULL && (area == NULL || strpbrk(lines, "VL") != NULL))
        sqlite3_str_appendf(picture->lines, "%s%s", lines, area != NULL ? "z" : "");
    sqlite3_free(lines);
    return strchr(at, '>');
}

/* ---- Symbols and texts ------------------------------------------------------------------- */

static const char *set_width(struct picture *picture, const char *at)
{
    const char *width = attribute(at, "stroke-width");

    picture->width = width != NULL ? strtod(width, NULL) : 1;
    return strchr(at, '>');
}

/* A hypertext: its words are the argument of a script that no page has. */
static const char *take_said(struct picture *picture, const char *at)
{
    picture->said = at + strcspn(at, "'") + 1;
    return picture->said + strcspn(picture->said, "'");
}

static const char *write_symbol(struct picture *picture, const char *at)
{
    const char *name = attribute(at, "xlink:href"), *said = picture->said;
    char style[STYLE_SIZE] = "";
    double x, y, scale;

    picture->said = NULL;
    if (sscanf(attribute(at, "transform"), "translate(%lf,%lf) scale(%lf)", &x, &y, &scale) != 3 ||
        scale <= 0)
        return strchr(at, '>');
    begin_path(picture, "");
    add_attribute(style, at, "color");
    fprintf(picture->out, "<use href=\"%.*s\" transform=translate(%g,%g)scale(%g)%s>",
            (int)strcspn(name, "'"), name, tenths(x), tenths(y), tenths(scale), style);
    fputs(said != NULL ? "<title>" : "", picture->out);
    for (const char *letter = said; letter != NULL && *letter != '\''; letter++)
        fputs(*letter == '<' ? "&lt;" : (char[]){*letter, '\0'}, picture->out);
    fputs(said != NULL ? "</title></use>" : "</use>", picture->out);
    return strchr(at, '>');
}

/* gnuplot puts it into a group of its own, to say where it stands. */
static const char *write_text(struct picture *picture, const char *at)
{
    const char *anchor = attribute(at, "text-anchor"), *text = strstr(at, "<text>");
    const char *end = text != NULL ? strstr(text, "</text>") : NULL;
    char style[STYLE_SIZE] = "";
    double x, y;

    if (end == NULL)
        return at + 1;
    add_attribute(style, at, "fill");
    sscanf(attribute(at, "transform"), "translate(%lf,%lf)", &x, &y);
    text += strlen("<text>");
    if (text < end)
        sqlite3_str_appendf(picture->texts, "<text x=%g y=%g%s%s>%.*s</text>", tenths(x), tenths(y),
                            anchor[0] == 'm'   ? " class=m"
                            : anchor[0] == 'e' ? " class=e"
                                               : "",
                            strcmp(style, " fill=#222222") != 0 ? style : "", (int)(end - text),
                            text);
    return end;
}

void svg_write(FILE *out, const char *svg, const char *label)
{
    static const struct {
        const char *begin;
        const char *(*write)(struct picture *picture, const char *at); /* gives its end */
    } kinds[] = {
        {"<g fill=", set_width},       {"<path ", write_lines}, {"<polygon ", write_lines},
        {"<g onmousemove", take_said}, {"<use ", write_symbol}, {"<g transform=", write_text},
    };
    const char *box = strstr(svg, "viewBox="), *at = strstr(svg, "</defs>");
    struct picture picture = {.out = out};
    char *texts;

    if (box == NULL || at == NULL)
        return;
    picture.lines = sqlite3_str_new(NULL);
    picture.texts = sqlite3_str_new(NULL);
    fprintf(out, "<svg %.*s\" role=\"img\" aria-label=\"%s\">", (int)strcspn(box + 9, "\"") + 9,
            box, label);
    while ((at = strchr(at + 1, '<')) != NULL)
        for (size_t i = 0; i < COUNT_OF(kinds); i++)
            if (strncmp(at, kinds[i].begin, strlen(kinds[i].begin)) == 0) {
                at = kinds[i].write(&picture, at);
                break;
            }
    begin_path(&picture, "");
    texts = sqlite3_str_finish(picture.texts);
    fprintf(out, "%s</svg>", texts != NULL ? texts : "");
    sqlite3_free(texts);
    sqlite3_free(sqlite3_str_finish(picture.lines));
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
