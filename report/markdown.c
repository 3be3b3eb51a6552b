#include "report/markdown.h"

#include <string.h>

#include "report/format.h"

/* Only what works in the middle of a line: untrusted text never starts one. */
static const char *escape_of(const char *at)
{
    switch (*at) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case ':': /* "http://" would become a link */
        return at[1] == '/' ? "&#58;" : NULL;
    case '@': /* so would an address, or a mention */
        return "&#64;";
    case 'w': /* and "www.…" */
        return strncmp(at, "www.", 4) == 0 ? "&#119;" : NULL;
    case '\x7f':
        return " ";
    default:
        return (unsigned char)*at < ' ' ? " " : NULL;
    }
}

void markdown_text(FILE *out, const char *text)
{
    size_t length;

    if (text == NULL) {
        fputs(FORMAT_UNKNOWN, out);
        return;
    }
    length = format_cut(text, MARKDOWN_TEXT_MAX);
    for (size_t i = 0; i < length; i++) {
        const char *escape = escape_of(text + i);

        if (escape != NULL) {
            fputs(escape, out);
            continue;
        }
        if (strchr("\\`*_[]|~$#!{}", text[i]) != NULL)
            fputc('\\', out);
        fputc(text[i], out);
    }
    if (text[length] != '\0')
        fputs("…", out);
}
