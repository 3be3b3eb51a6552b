/* Prose for the terminal. */
#include "teach/teach.h"

#include <string.h>
#include <unistd.h>

#include "common/terminal.h"

#define COLUMNS_MOST    80
#define COLUMNS_PROJECT 48

/* How it is shown: in paragraphs as wide as the terminal, without the marks of Markdown. */
struct prose_style {
    int columns; /* a line at most */
    bool bold;   /* headings, and what stands between ** */
    bool brief;  /* for a projector */
};

/* Columns of `length` bytes of UTF-8, without the marks. */
static int width_of(const char *word, size_t length)
{
    int width = 0;

    for (size_t i = 0; i < length; i++)
        width += ((unsigned char)word[i] & 0xc0) != 0x80 && word[i] != '`' && word[i] != '*';
    return width;
}

/* A word without its marks; ** and * make bold what stands between them. */
static void write_word(const struct prose_style *style, const char *word, size_t length, bool *bold)
{
    for (size_t i = 0; i < length; i++) {
        if (word[i] == '*') {
            i += i + 1 < length && word[i + 1] == '*';
            *bold = !*bold;
            if (style->bold)
                fputs(*bold ? "\033[1m" : "\033[0m", stdout);
        } else if (word[i] != '`') {
            fputc(word[i], stdout);
        }
    }
}

static bool begins(const char *line, const char *mark)
{
    return strncmp(line, mark, strlen(mark)) == 0;
}

static bool is_item(const char *line)
{
    return begins(line, "- ") || begins(line, "> ");
}

/* Whether the line belongs to no paragraph. */
static bool stands_alone(const char *line)
{
    return begins(line, "    ") || begins(line, "|") || begins(line, "#") || begins(line, "```");
}

/* Where the block that begins at `at` ends: at the end of its last line. */
static const char *end_of(const char *at)
{
    const char *end = at + strcspn(at, "\n"),
               *close = begins(at, "```") ? strstr(end, "\n```") : NULL;

    if (close != NULL)
        return close + 4;
    while (!stands_alone(at) && *end != '\0' && end[1] != '\0' && end[1] != '\n' &&
           !stands_alone(end + 1) && !is_item(end + 1))
        end += 1 + strcspn(end + 1, "\n");
    return end;
}

/* Of a paragraph or a heading. */
static void write_words(const struct prose_style *style, const char *at, const char *end)
{
    int column = 0, hang = is_item(at) ? 2 : 0;
    const char *blank = "";
    bool bold = false;

    while ((at += strspn(at, " \n")) < end) {
        size_t length = strcspn(at, " \n");
        int width = width_of(at, length);

        if (blank[0] != '\0' && column + 1 + width > style->columns) {
            printf("\n%*s", hang, "");
            column = hang;
        } else {
            fputs(blank, stdout);
            column += blank[0] != '\0';
        }
        write_word(style, at, length, &bold);
        column += width;
        blank = " ";
        at += length;
    }
}

static void write_block(const struct prose_style *style, const char *at, const char *end)
{
    bool heading = begins(at, "#");

    if (begins(at, "```")) {
        printf("%.*s", (int)(end - 3 - at - 4), at + 4);
        return;
    }
    if (heading)
        printf("%s%s", style->brief ? "\n" : "", style->bold ? "\033[1m" : "");
    if (stands_alone(at) && !heading)
        printf("%.*s", (int)(end - at), at);
    else
        write_words(style, at + strspn(at, "# "), end);
    printf("%s\n", heading && style->bold ? "\033[0m" : "");
}

void prose_write(bool project, const char *markdown)
{
    int most = project ? COLUMNS_PROJECT : COLUMNS_MOST,
        columns = (int)terminal_columns(STDOUT_FILENO, COLUMNS_MOST);
    const struct prose_style style = {.columns = columns < most ? columns : most,
                                      .bold = terminal_colours(STDOUT_FILENO),
                                      .brief = project};
    const char *at = markdown + strspn(markdown, "\n");
    bool headed = false, skips = false;

    while (*at != '\0') {
        const char *end = end_of(at);

        skips = skips && !begins(at, "#");
        headed = begins(at, "## ") || (headed && !begins(at, "# "));
        if (!skips)
            write_block(&style, at, end);
        if (!skips && end[0] != '\0' && end[1] == '\n')
            printf("\n");
        skips = skips || (project && headed && !begins(at, "#") && end[1] == '\n');
        at = end + strspn(end, "\n");
    }
}
