#include "harness/run/cluster.h"

#include <errno.h>
#include <glob.h>
#include <inttypes.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/count.h"
#include "common/file.h"
#include "common/json.h"
#include "common/path.h"
#include "report/embedded.h"

#define START_LIMIT_NS (60 * NS_PER_S)
#define START_STEP_NS  (20 * NS_PER_MS)
#define STOP_GRACE_NS  (2 * NS_PER_S)
#define LOG_SIZE_MAX   (1UL << 20)
#define LIMITS         "-c statement_timeout=10s"

int cluster_find(char *programs, struct error *error)
{
    /* As Debian and Fedora have them, which may be several; and as all others do. */
    static const char patterns[] =
        "{/usr/lib/postgresql/[1-9]*/bin,/usr/pgsql-*/bin,/usr/bin,/usr/local/bin}/initdb";
    glob_t found;
    int code = glob(patterns, GLOB_BRACE, NULL, &found);

    if (code == 0)
        snprintf(programs, PATH_MAX, "%.*s", (int)(strlen(found.gl_pathv[0]) - strlen("/initdb")),
                 found.gl_pathv[0]);
    globfree(&found);
    return code == 0 ? 0
                     : error_set(error, -ENOENT,
                                 "PostgreSQL is not installed: apt-get install postgresql");
}

/* ---- What it is asked -------------------------------------------------------------------- */

/* As its superuser, who gets in when all places for others are taken. */
static PGconn *open_connection(const struct cluster *cluster)
{
    static const char *const names[] = {"host", "user", "options", NULL};
    const char *const values[] = {cluster->folder, "postgres", LIMITS, NULL};

    return PQconnectdbParams(names, values, 0);
}

/* Executes statements; returns the first value of the last one's result, to be freed, or NULL with
 * the reason in `error`. */
static char *execute(const struct cluster *cluster, const char *statements, struct error *error)
{
    PGconn *connection = open_connection(cluster);
    PGresult *result = PQexec(connection, statements);
    ExecStatusType status = PQresultStatus(result);
    char *text = NULL;

    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
        text = strdup(status == PGRES_TUPLES_OK ? PQgetvalue(result, 0, 0) : "");
    if (text == NULL)
        error_set(error, -EIO, "PostgreSQL: %.300s", PQerrorMessage(connection));
    PQclear(result);
    PQfinish(connection);
    return text;
}

int cluster_reset(const struct cluster *cluster, uint64_t *resets, struct error *error)
{
    char *text = execute(cluster, "SELECT reset()", error);

    if (text == NULL)
        return -EIO;
    *resets = strtoull(text, NULL, 10);
    free(text);
    return 0;
}

json_t *cluster_stats(const struct cluster *cluster, struct error *error)
{
    char *text = execute(cluster, "SELECT stats()", error);
    json_t *stats = text != NULL ? json_loads(text, 0, NULL) : NULL;

    free(text);
    return stats;
}

/* ---- Beginning and end ------------------------------------------------------------------- */

/* Its name is new, and the folder is made by who fills it: its keeper is there before it. */
static void name_folder(char *folder)
{
    const char *temporary = getenv("TMPDIR");
    char name[48];
    uint32_t random = 0;

    if (getrandom(&random, sizeof(random), 0) != sizeof(random))
        random = (uint32_t)clock_ns();
    snprintf(name, sizeof(name), "bench-sql-%d-%08" PRIx32, (int)getpid(), random);
    path_join(folder, temporary != NULL && temporary[0] == '/' ? temporary : "/tmp", name);
}

/* Tells the first error of its log, or else its last line, or what the shell has said; without what
 * stands before a reason where that names a path of this machine. */
static int explain_end(const struct cluster *cluster, struct error *error)
{
    static const char *const marks[] = {"FATAL:  ", "error: "};
    char path[PATH_MAX], line[200] = "", *reason = NULL;
    char *log = file_read(path_join(path, cluster->folder, "log"), LOG_SIZE_MAX, NULL);
    const char *text = log != NULL ? log : cluster->process.text;

    for (; *text != '\0' && reason == NULL; text += strcspn(text, "\n"), text += *text == '\n') {
        process_line(text, line, sizeof(line));
        for (size_t i = 0; i < COUNT_OF(marks) && reason == NULL; i++)
            if ((reason = strstr(line, marks[i])) != NULL)
                reason += strlen(marks[i]);
    }
    for (reason = reason != NULL ? reason : line; strchr(reason, '/') != NULL;)
        reason = strstr(reason, ": ") != NULL ? strstr(reason, ": ") + 2 : strchr(reason, '\0');
    free(log);
    return error_set(error, -EIO, "PostgreSQL did not start: %s", reason);
}

static int wait_until_ready(struct cluster *cluster, struct error *error)
{
    uint64_t deadline_ns = clock_ns() + START_LIMIT_NS;
    ConnStatusType status = CONNECTION_BAD;
    int state = 0;

    while (state == 0 && status != CONNECTION_OK && clock_ns() < deadline_ns) {
        PGconn *connection;

        state = process_wait(&cluster->process, clock_ns() + START_STEP_NS);
        if (state != 0)
            break;
        connection = open_connection(cluster);
        status = PQstatus(connection);
        PQfinish(connection);
    }
    if (state > 0)
        return explain_end(cluster, error);
    if (state < 0)
        return error_set(error, state, "interrupted while PostgreSQL started");
    return status == CONNECTION_OK
               ? 0
               : error_set(error, -ETIMEDOUT, "PostgreSQL did not start within %d s",
                           (int)(START_LIMIT_NS / NS_PER_S));
}

int cluster_start(struct cluster *cluster, struct error *error)
{
    char programs[PATH_MAX], *text = NULL;
    const char *const argv[] = {"sh",     "-c", embedded_cluster_sh, "cluster.sh", cluster->folder,
                                programs, NULL};
    struct process_options options = {
        .argv = argv, .capture = PROCESS_CAPTURE_ERR, .folder = cluster->folder};
    int code = cluster_find(programs, error);

    if (code < 0)
        return code;
    name_folder(cluster->folder);
    snprintf(cluster->url, sizeof(cluster->url), CLUSTER_URL, cluster->folder);
    code = process_start(&cluster->process, &options, error);
    if (code == 0)
        code = wait_until_ready(cluster, error);
    if (code == 0) {
        text = execute(cluster, embedded_cluster_sql, error);
        code = text != NULL ? 0 : -EIO;
    }
    free(text);
    if (code < 0)
        cluster_stop(cluster);
    return code;
}

int cluster_ensure(struct cluster *cluster, struct error *error)
{
    struct error reason;
    int state = process_wait(&cluster->process, 0), code;

    if (state == 0)
        return 0;
    if (state == -EINTR)
        return error_set(error, -EINTR, "interrupted");
    cluster_stop(cluster);
    code = cluster_start(cluster, &reason);
    return code < 0 ? error_set(error, code, "PostgreSQL had ended: %s", reason.text)
                    : error_set(error, 1, "PostgreSQL had ended, and another one was started");
}

void cluster_stop(struct cluster *cluster)
{
    if (cluster->folder[0] == '\0')
        return;
    process_end(&cluster->process, STOP_GRACE_NS);
    file_remove_tree(cluster->folder);
    cluster->folder[0] = '\0';
}
