#include "tests/helpers.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/file.h"

#define OUTPUT_SIZE_MAX (64UL << 20)
#define SERVER_START_S  60 /* here and below: for a busy machine */
#define SERVER_END_S    60
#define PROGRAM_END_S   240

/* Of all tests only those whose names are like that: "hostile*". */
__attribute__((constructor)) static void filter_tests(void)
{
    if (getenv("TEST_FILTER") != NULL)
        cmocka_set_test_filter(getenv("TEST_FILTER"));
}

static char *next_static(void)
{
    static char texts[4][512];
    static int next;

    next = (next + 1) % 4;
    return texts[next];
}

const char *program(const char *name)
{
    const char *build = getenv("BUILD");
    char *path = next_static();

    if (strncmp(name, "twins/", strlen("twins/")) == 0 && access(name, X_OK) == 0)
        snprintf(path, 512, "%s", name);
    else
        snprintf(path, 512, "%s/%s", build != NULL ? build : "build", name);
    return path;
}

const char *path_in(const char *folder, const char *name)
{
    char *path = next_static();

    snprintf(path, 512, "%s/%s", folder, name);
    return path;
}

static void redirect(int fd, const char *path)
{
    int file = open(path != NULL ? path : "/dev/null", O_RDWR | O_CREAT | O_APPEND, 0644);

    if (file < 0 || dup2(file, fd) < 0)
        _exit(126);
    close(file);
}

pid_t start(const char *const argv[], const char *out_path, const char *err_path)
{
    pid_t parent = getpid(), pid = fork();

    assert_true(pid >= 0);
    if (pid > 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(126);
    redirect(STDIN_FILENO, NULL);
    redirect(STDOUT_FILENO, out_path);
    redirect(STDERR_FILENO, err_path);
    execvp(argv[0], (char *const *)argv);
    _exit(127);
}

int wait_at_most(pid_t pid, int timeout_s)
{
    uint64_t deadline = clock_ns() + (uint64_t)timeout_s * NS_PER_S;
    int status;

    while (waitpid(pid, &status, WNOHANG) == 0) {
        if (clock_ns() > deadline) {
            kill(pid, SIGKILL);
            waitpid(pid, &status, 0);
            return -1;
        }
        usleep(2000);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int wait_for(pid_t pid, int timeout_s)
{
    int status = wait_at_most(pid, timeout_s);

    if (status < 0)
        fail_msg("process %d did not end within %d s", (int)pid, timeout_s);
    return status;
}

struct finished run_argv(const char *const argv[])
{
    struct finished finished;
    char *folder = folder_make();
    const char *out = path_in(folder, "out"), *err = path_in(folder, "err");

    finished.status = wait_for(start(argv, out, err), PROGRAM_END_S);
    finished.out = file_read(out, OUTPUT_SIZE_MAX, NULL);
    finished.err = file_read(err, OUTPUT_SIZE_MAX, NULL);
    folder_remove(folder);
    assert_non_null(finished.out);
    assert_non_null(finished.err);
    return finished;
}

static void collect(const char *argv[ARGUMENTS_MAX], int count, const char *first, va_list rest)
{
    for (const char *argument = first; argument != NULL; argument = va_arg(rest, const char *)) {
        assert_true(count < ARGUMENTS_MAX - 1);
        argv[count++] = argument;
    }
    argv[count] = NULL;
}

struct finished run(const char *name, ...)
{
    const char *argv[ARGUMENTS_MAX] = {program(name)};
    va_list rest;

    va_start(rest, name);
    collect(argv, 1, va_arg(rest, const char *), rest);
    va_end(rest);
    return run_argv(argv);
}

void finished_free(struct finished *finished)
{
    free(finished->out);
    free(finished->err);
}

/* Waits for the line that says where the server listens. */
static int read_port(const char *path, pid_t pid)
{
    uint64_t deadline = clock_ns() + SERVER_START_S * NS_PER_S;
    int port = 0;

    while (port == 0 && clock_ns() < deadline && kill(pid, 0) == 0) {
        char *text = file_read(path, OUTPUT_SIZE_MAX, NULL);
        const char *line = text != NULL ? strstr(text, "listening on http://127.0.0.1:") : NULL;

        if (line != NULL && strchr(line, '\n') != NULL)
            sscanf(line, "listening on http://127.0.0.1:%d", &port);
        free(text);
        usleep(2000);
    }
    return port;
}

struct server server_run(const char *const argv[], const char *out, const char *err)
{
    struct server server = {.pid = start(argv, out, err)};

    server.port = read_port(out, server.pid);
    assert_int_not_equal(server.port, 0);
    snprintf(server.url, sizeof(server.url), "http://127.0.0.1:%d", server.port);
    return server;
}

struct server server_start(const char *argument, ...)
{
    const char *argv[ARGUMENTS_MAX] = {program("mockserver"), "--listen", "127.0.0.1:0"};
    struct server server;
    char *folder = folder_make();
    va_list rest;

    va_start(rest, argument);
    collect(argv, 3, argument, rest);
    va_end(rest);
    server =
        server_run(argv, path_in(folder, "out"), getenv("TEST_VERBOSE") ? "/dev/stderr" : NULL);
    folder_remove(folder);
    return server;
}

void server_stop(struct server *server)
{
    kill(server->pid, SIGTERM);
    assert_int_equal(wait_for(server->pid, SERVER_END_S), 0);
}

static size_t append(char *data, size_t size, size_t count, void *user)
{
    return fwrite(data, size, count, user);
}

char *server_request(const struct server *server, const char *path, int post)
{
    char url[512], *body = NULL;
    size_t length = 0;
    long status = 0;
    FILE *stream = open_memstream(&body, &length);
    CURL *easy = curl_easy_init();
    CURLcode code;

    snprintf(url, sizeof(url), "%s%s", server->url, path);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, stream);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT, 60L);
    if (post)
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "");
    code = curl_easy_perform(easy);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(easy);
    fclose(stream);
    if (code != CURLE_OK || status != 200)
        fail_msg("%s: %s, status %ld", url, curl_easy_strerror(code), status);
    return body;
}

void make_null_device(const char *path)
{
    int fd = mknod(path, S_IFCHR | 0666, makedev(1, 3)) == 0 ? open(path, O_WRONLY) : -1;

    if (fd < 0)
        skip();
    close(fd);
}

int is_device(const char *path)
{
    struct stat status;

    return stat(path, &status) == 0 && S_ISCHR(status.st_mode);
}

int on_valgrind(void)
{
    const char *preloaded = getenv("LD_PRELOAD");

    return preloaded != NULL && strstr(preloaded, "vgpreload") != NULL;
}

int free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&address, length), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
    close(fd);
    return ntohs(address.sin_port);
}

char *folder_make(void)
{
    char *folder = strdup("/tmp/suite-test-XXXXXX");

    assert_non_null(mkdtemp(folder));
    return folder;
}

/* Copies what programs of the suite wrote, so that it can be held against the schemas: see
 * tests/run. What a test makes up, or keeps from elsewhere, stands under other names. */
static void keep_lines(const char *folder, const char *into)
{
    static const char *const names[] = {"result.jsonl", "results/[0-9]*/run.json",
                                        "results/[0-9]*/results.jsonl",
                                        "results/[0-9]*/memory.jsonl"};
    static int kept;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        glob_t found = {0};
        char pattern[256], to[512];

        snprintf(pattern, sizeof(pattern), "%s/%s", folder, names[i]);
        glob(pattern, 0, NULL, &found);
        for (size_t k = 0; k < found.gl_pathc; k++) {
            size_t size;
            char *text = file_read(found.gl_pathv[k], OUTPUT_SIZE_MAX, &size);

            snprintf(to, sizeof(to), "%s/%s-%d-%d-%s", into, program_invocation_short_name,
                     (int)getpid(), kept++, strrchr(found.gl_pathv[k], '/') + 1);
            if (text != NULL)
                assert_int_equal(file_replace(to, text, size), 0);
            free(text);
        }
        globfree(&found);
    }
}

void folder_remove(char *folder)
{
    const char *into = getenv("TEST_LINES");

    if (into != NULL)
        keep_lines(folder, into);
    file_remove_tree(folder);
    free(folder);
}

int state_make_folder(void **state)
{
    *state = folder_make();
    return 0;
}

int state_remove_folder(void **state)
{
    folder_remove(*state);
    return 0;
}

char *read_in(const char *folder, const char *name)
{
    char *text = file_read(path_in(folder, name), OUTPUT_SIZE_MAX, NULL);

    if (text == NULL)
        fail_msg("%s is missing", name);
    return text;
}

int children_of(pid_t parent, pid_t *pids, int size)
{
    char path[64], *children, *rest;
    int count = 0;

    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)parent, (int)parent);
    children = file_read(path, OUTPUT_SIZE_MAX, NULL);
    if (children == NULL)
        return 0;
    for (char *pid = strtok_r(children, " ", &rest); pid != NULL; pid = strtok_r(NULL, " ", &rest))
        if (count++ < size)
            pids[count - 1] = atoi(pid);
    free(children);
    return count;
}

int children_count(void)
{
    return children_of(getpid(), NULL, 0);
}

/* Whether there is such a process that has not ended. */
static bool is_alive(pid_t pid)
{
    char path[64], *status;
    bool alive;

    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    status = file_read(path, OUTPUT_SIZE_MAX, NULL);
    alive = status != NULL && strstr(status, "State:\tZ") == NULL;
    free(status);
    return alive;
}

void wait_until_gone(const pid_t *pids, int count)
{
    uint64_t deadline = clock_ns() + 60 * NS_PER_S;

    for (int i = 0; i < count; i++) { /* init, or whoever adopts them, must reap them */
        while (is_alive(pids[i]) && clock_ns() < deadline)
            usleep(5000);
        assert_false(is_alive(pids[i]));
    }
}
