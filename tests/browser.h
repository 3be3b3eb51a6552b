/* A browser without a window, driven through two pipes (the DevTools protocol): what the tests of
 * the page look through. */
#ifndef TESTS_BROWSER_H
#define TESTS_BROWSER_H

#include <jansson.h>
#include <stdbool.h>

#include "tests/helpers.h"

struct browser {
    pid_t pid;
    int in, out; /* what it reads, and what it writes */
    int calls;
    char *folder;     /* its profile */
    char session[64]; /* of its only page */
    char *said;       /* what was read and is not yet a whole message; owned */
    size_t length, size;
    bool loaded;
    json_t *complaints; /* what its console said, and exceptions, since the page was opened */
    int requests;       /* beyond that of the page itself */
};

/* Whether there is one here. */
bool browser_is_there(void);

/* Fails the test where it does not start. To be ended with browser_stop(). */
void browser_start(struct browser *browser);
void browser_stop(struct browser *browser);

/* Opens a file, and returns when it is loaded. */
void browser_open(struct browser *browser, const char *path);

/* How large the window is, in pixels; "light" or "dark"; "screen" or "print". */
void browser_view(struct browser *browser, int width, int height, const char *scheme,
                  const char *media);

/* Whether pages may run scripts. */
void browser_allow_scripts(struct browser *browser, bool allowed);

/* The value of an expression of JavaScript, a new reference. Fails the test where that throws. */
json_t *browser_value(struct browser *browser, const char *expression);

/* Presses a key, such as "Tab" or "Enter". */
void browser_press(struct browser *browser, const char *key);

/* Writes what is to be seen as a PNG file. */
void browser_picture(struct browser *browser, const char *path);

#endif
