#include "tests/browser.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "common/file.h"

#define TIMEOUT_MS 60000
#define PIECE      65536

extern char **environ;

bool browser_is_there(void)
{
    const char *const argv[] = {"sh", "-c", "command -v chromium", NULL};
    struct finished finished = run_argv(argv);
    bool there = finished.status == 0;

    finished_free(&finished);
    return there;
}

/* ---- Messages ---------------------------------------------------------------------------- */

/* What a message without an answer tells. */
static void note(struct browser *browser, json_t *message)
{
    const char *method = json_string_value(json_object_get(message, "method")), *url = "";
    json_t *parameters = json_object_get(message, "params");

    if (method == NULL)
        return;
    json_unpack(parameters, "{s:{s:s}}", "request", "url", &url);
    if (strcmp(method, "Page.loadEventFired") == 0)
        browser->loaded = true;
    else if (strcmp(method, "Network.requestWillBeSent") == 0)
        browser->requests += strncmp(url, "blob:", 5) != 0;
    else if (strcmp(method, "Runtime.exceptionThrown") == 0 ||
             strcmp(method, "Runtime.consoleAPICalled") == 0 ||
             strcmp(method, "Log.entryAdded") == 0)
        json_array_append(browser->complaints, parameters);
}

/* The next message, a new reference: they end with a NUL. */
static json_t *next_message(struct browser *browser)
{
    struct pollfd ready = {.fd = browser->out, .events = POLLIN};
    json_error_t error;
    json_t *message;
    char *end;

    while ((end = memchr(browser->said, '\0', browser->length)) == NULL) {
        ssize_t got;

        if (browser->size - browser->length < PIECE) {
            browser->size += browser->size + PIECE;
            browser->said = realloc(browser->said, browser->size);
            assert_non_null(browser->said);
        }
        if (poll(&ready, 1, TIMEOUT_MS) <= 0)
            fail_msg("the browser does not answer");
        got = read(browser->out, browser->said + browser->length, PIECE);
        if (got <= 0)
            fail_msg("the browser has ended");
        browser->length += (size_t)got;
    }
    message = json_loads(browser->said, 0, &error);
    if (message == NULL)
        fail_msg("the browser said: %s", error.text);
    browser->length -= (size_t)(end + 1 - browser->said);
    memmove(browser->said, end + 1, browser->length);
    return message;
}

/* Sends a command with its parameters (a reference that this takes), and returns its result. */
static json_t *call(struct browser *browser, const char *method, json_t *parameters)
{
    json_t *command = json_pack("{s:i, s:s, s:o}", "id", ++browser->calls, "method", method,
                                "params", parameters != NULL ? parameters : json_object());
    json_t *message, *result;
    char *text;

    if (browser->session[0] != '\0')
        json_object_set_new(command, "sessionId", json_string(browser->session));
    text = json_dumps(command, JSON_COMPACT);
    assert_int_equal(write(browser->in, text, strlen(text) + 1), (ssize_t)strlen(text) + 1);
    free(text);
    json_decref(command);
    while (message = next_message(browser),
           json_integer_value(json_object_get(message, "id")) != browser->calls) {
        note(browser, message);
        json_decref(message);
    }
    result = json_incref(json_object_get(message, "result"));
    if (result == NULL)
        fail_msg("%s: %s", method, json_dumps(message, 0));
    json_decref(message);
    return result;
}

static void tell(struct browser *browser, const char *method, json_t *parameters)
{
    json_decref(call(browser, method, parameters));
}

/* ---- The browser ------------------------------------------------------------------------- */

/* It reads commands from descriptor 3 and answers on 4. */
static void spawn(struct browser *browser, int commands, int answers)
{
    char profile[512];
    const char *const argv[] = {"chromium",
                                "--headless",
                                "--no-sandbox",
                                "--disable-gpu",
                                "--remote-debugging-pipe",
                                profile,
                                "about:blank",
                                NULL};
    posix_spawn_file_actions_t actions;

    snprintf(profile, sizeof(profile), "--user-data-dir=%s", browser->folder);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, commands, 3);
    posix_spawn_file_actions_adddup2(&actions, answers, 4);
    assert_int_equal(
        posix_spawnp(&browser->pid, argv[0], &actions, NULL, (char *const *)argv, environ), 0);
    posix_spawn_file_actions_destroy(&actions);
}

/* Both ends beyond the descriptors that the browser takes. */
static void make_pipe(int ends[2])
{
    int low[2];

    assert_int_equal(pipe(low), 0);
    for (int i = 0; i < 2; i++) {
        ends[i] = fcntl(low[i], F_DUPFD_CLOEXEC, 10);
        close(low[i]);
    }
}

/* Attaches to the page that it opens by itself. */
static void attach(struct browser *browser)
{
    static const char *const domains[] = {"Page.enable", "Runtime.enable", "Log.enable",
                                          "Network.enable"};
    json_t *result = call(browser, "Target.getTargets", NULL), *target;
    const char *id = NULL, *session = NULL;
    size_t i;

    json_array_foreach(
        json_object_get(result, "targetInfos"), i,
        target) if (strcmp(json_string_value(json_object_get(target, "type")), "page") == 0) id =
        json_string_value(json_object_get(target, "targetId"));
    assert_non_null(id);
    target = call(browser, "Target.attachToTarget",
                  json_pack("{s:s, s:b}", "targetId", id, "flatten", 1));
    session = json_string_value(json_object_get(target, "sessionId"));
    snprintf(browser->session, sizeof(browser->session), "%s", session);
    json_decref(target);
    json_decref(result);
    for (i = 0; i < sizeof(domains) / sizeof(domains[0]); i++)
        tell(browser, domains[i], NULL);
}

void browser_start(struct browser *browser)
{
    int commands[2], answers[2];

    *browser = (struct browser){.folder = folder_make(), .complaints = json_array()};
    signal(SIGPIPE, SIG_IGN); /* a browser that has ended is found by what it does not answer */
    make_pipe(commands);
    make_pipe(answers);
    spawn(browser, commands[0], answers[1]);
    close(commands[0]);
    close(answers[1]);
    browser->in = commands[1];
    browser->out = answers[0];
    attach(browser);
}

void browser_stop(struct browser *browser)
{
    tell(browser, "Browser.close", NULL);
    wait_for(browser->pid, 60);
    close(browser->in);
    close(browser->out);
    json_decref(browser->complaints);
    free(browser->said);
    folder_remove(browser->folder);
}

/* ---- What it shows ----------------------------------------------------------------------- */

void browser_open(struct browser *browser, const char *path)
{
    char url[4096], *whole = realpath(path, NULL);
    json_t *message;

    assert_non_null(whole);
    snprintf(url, sizeof(url), "file://%s", whole);
    free(whole);
    json_array_clear(browser->complaints);
    browser->requests = -1;
    browser->loaded = false;
    tell(browser, "Page.navigate", json_pack("{s:s}", "url", url));
    while (!browser->loaded) {
        message = next_message(browser);
        note(browser, message);
        json_decref(message);
    }
}

void browser_view(struct browser *browser, int width, int height, const char *scheme,
                  const char *media)
{
    tell(browser, "Emulation.setDeviceMetricsOverride",
         json_pack("{s:i, s:i, s:i, s:b}", "width", width, "height", height, "deviceScaleFactor", 1,
                   "mobile", 0));
    tell(browser, "Emulation.setEmulatedMedia",
         json_pack("{s:s, s:[{s:s, s:s}]}", "media", media, "features", "name",
                   "prefers-color-scheme", "value", scheme));
}

void browser_allow_scripts(struct browser *browser, bool allowed)
{
    tell(browser, "Emulation.setScriptExecutionDisabled", json_pack("{s:b}", "value", !allowed));
}

json_t *browser_value(struct browser *browser, const char *expression)
{
    json_t *result = call(browser, "Runtime.evaluate",
                          json_pack("{s:s, s:b, s:b}", "expression", expression, "returnByValue", 1,
                                    "awaitPromise", 1));
    json_t *value = json_incref(json_object_get(json_object_get(result, "result"), "value"));

    if (json_object_get(result, "exceptionDetails") != NULL)
        fail_msg("%.60s…: %s", expression, json_dumps(result, 0));
    json_decref(result);
    return value;
}

void browser_press(struct browser *browser, const char *key)
{
    static const char *const types[] = {"keyDown", "keyUp"};
    int code = strcmp(key, "Tab") == 0 ? 9 : 13;

    for (int i = 0; i < 2; i++)
        tell(browser, "Input.dispatchKeyEvent",
             json_pack("{s:s, s:s, s:s, s:i, s:s}", "type", types[i], "key", key, "code", key,
                       "windowsVirtualKeyCode", code, "text", code == 13 ? "\r" : ""));
}

void browser_picture(struct browser *browser, const char *path)
{
    json_t *result = call(browser, "Page.captureScreenshot", json_pack("{s:s}", "format", "png"));
    const char *text = json_string_value(json_object_get(result, "data"));
    size_t length = strlen(text);
    unsigned char *bytes = malloc(length);

    assert_non_null(bytes);
    EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)length);
    assert_int_equal(file_replace(path, (const char *)bytes, length / 4 * 3), 0);
    free(bytes);
    json_decref(result);
}
