#include "report/markdown.h"

#include <sqlite3.h>
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

char *markdown_text(const char *text)
{
    size_t length = format_cut(text, MARKDOWN_TEXT_MAX);
    sqlite3_str *out = sqlite3_str_new(NULL);

    for (size_t i = 0; i < length; i++) {
        const char *escape = escape_of(text + i);

        if (escape == NULL && strchr("\\`*_[]|~$#!{}", text[i]) != NULL)
            sqlite3_str_appendchar(out, 1, '\\');
        if (escape != NULL)
            sqlite3_str_appendall(out, escape);
        else
            sqlite3_str_appendchar(out, 1, text[i]);
    }
    sqlite3_str_appendall(out, text[length] != '\0' ? "…" : "");
    return sqlite3_str_finish(out);
}
