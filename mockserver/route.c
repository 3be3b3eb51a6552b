#include "mockserver/route.h"

#include <ctype.h>
#include <errno.h>
#include <http_parser.h>
#include <string.h>

#include "common/count.h"

#define PATH_SIZE  64  /* longer than any path there is */
#define VALUE_SIZE 256 /* longer than any value of a query */
#define ID_DIGITS  18  /* every such number is an int64_t, as JSON readers expect */

struct path {
    const char *pattern; /* "{}" stands for the id */
    enum endpoint endpoint;
    unsigned method;
    uint16_t status;
};

static const struct path paths[] = {
    {"/users/{}", ENDPOINT_USER, HTTP_GET, 200},
    {"/users/{}/orders", ENDPOINT_ORDERS, HTTP_GET, 200},
    {"/users/{}/preferences", ENDPOINT_PREFERENCES, HTTP_GET, 200},
    {"/users/{}/profile", ENDPOINT_PROFILE, HTTP_GET, 200},
    {"/analytics", ENDPOINT_ANALYTICS, HTTP_POST, 202},
    {"/healthz", ENDPOINT_HEALTH, HTTP_GET, 200},
    {"/stats", ENDPOINT_STATS, HTTP_GET, 200},
    {"/reset", ENDPOINT_RESET, HTTP_POST, 200},
    {"/metrics", ENDPOINT_METRICS, HTTP_GET, 200},
};

bool route_is_control(enum endpoint endpoint)
{
    return endpoint >= ENDPOINT_HEALTH;
}

static void refuse(struct route *route, uint16_t status, const char *problem)
{
    if (route->problem != NULL)
        return;
    route->status = status;
    route->problem = problem;
}

static int hex_digit(char letter)
{
    if (isdigit((unsigned char)letter))
        return letter - '0';
    return isxdigit((unsigned char)letter) ? tolower((unsigned char)letter) - 'a' + 10 : -1;
}

/* Decodes %XX into `decoded` of `room` bytes, with a NUL. Returns 0, -EINVAL (an incomplete %XX, or
 * a NUL byte), -ERANGE (no room). */
static int percent_decode(const char *text, size_t size, char *decoded, size_t room)
{
    size_t length = 0;

    for (size_t i = 0; i < size; i++) {
        int byte = (unsigned char)text[i];

        if (byte == '%') {
            int high = i + 2 < size ? hex_digit(text[i + 1]) : -1;
            int low = i + 2 < size ? hex_digit(text[i + 2]) : -1;

            byte = high >= 0 && low >= 0 ? high * 16 + low : 0;
            i += 2;
        }
        if (byte == 0)
            return -EINVAL;
        if (length + 1 >= room)
            return -ERANGE;
        decoded[length++] = (char)byte;
    }
    decoded[length] = '\0';
    return 0;
}

/* Reads a whole number of decimal digits only. Returns 0 or -EINVAL. */
static int parse_number(const char *text, size_t size, uint64_t *number)
{
    uint64_t value = 0;

    if (size == 0 || size > ID_DIGITS)
        return -EINVAL;
    for (size_t i = 0; i < size; i++) {
        if (!isdigit((unsigned char)text[i]))
            return -EINVAL;
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    *number = value;
    return 0;
}

/* Whether `text` has the form of `pattern`; *id then points to what stands for "{}", or is NULL. */
static bool path_matches(const char *pattern, const char *text, const char **id, size_t *id_size)
{
    const char *hole = strchr(pattern, '{');
    size_t fixed = hole != NULL ? (size_t)(hole - pattern) : strlen(pattern);

    *id = NULL;
    if (strncmp(pattern, text, fixed) != 0)
        return false;
    if (hole == NULL)
        return text[fixed] == '\0';
    *id = text + fixed;
    *id_size = strcspn(*id, "/");
    return strcmp(*id + *id_size, hole + 2) == 0;
}

static void find_path(unsigned method, const char *text, struct route *route)
{
    unsigned asked = method == HTTP_HEAD ? HTTP_GET : method;
    const char *id;
    size_t id_size;

    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        if (!path_matches(paths[i].pattern, text, &id, &id_size))
            continue;
        if (asked != paths[i].method) {
            route->allow = paths[i].method == HTTP_GET ? "GET, HEAD" : "POST";
            refuse(route, 405, "this path does not take that method; see the Allow header");
        } else if (id != NULL && parse_number(id, id_size, &route->id) < 0) {
            refuse(route, 400, "the id is not a whole number below 10^18; ask for /users/7");
        } else {
            route->endpoint = paths[i].endpoint;
            route->status = paths[i].status;
        }
        return;
    }
    refuse(route, 404,
           "no such path; there are /users/{id}, /users/{id}/orders, /users/{id}/preferences, "
           "/users/{id}/profile, /analytics, /healthz, /stats, /metrics and /reset");
}

static void set_delay(struct route *route, const char *value)
{
    struct error error;

    if (latency_parse(value, &route->delay, &error) < 0)
        refuse(route, 400,
               "delay is not a latency; write ?delay=50ms or ?delay=uniform:10ms..30ms");
    route->has_delay = true;
}

static void set_status(struct route *route, const char *value)
{
    uint64_t status;

    if (parse_number(value, strlen(value), &status) < 0 || status < 200 || status > 599)
        refuse(route, 400, "status is not a number from 200 to 599; write ?status=503");
    else if (route->problem == NULL)
        route->status = (uint16_t)status;
    route->has_status = true;
}

/* For paths without one: the id of a path is its own. */
static void set_id(struct route *route, const char *value)
{
    if (route->endpoint != ENDPOINT_ANALYTICS)
        return;
    if (parse_number(value, strlen(value), &route->id) < 0)
        refuse(route, 400, "id is not a whole number below 10^18; write ?id=7");
}

static void set_attempt(struct route *route, const char *value)
{
    if (parse_number(value, strlen(value), &route->attempt) < 0)
        refuse(route, 400, "attempt is not a whole number below 10^18; write ?attempt=1");
}

static void set_fault(struct route *route, const char *value)
{
    if (!fault_find(value, &route->fault))
        refuse(route, 400, "no such fault; there are none, " FAULTS_HELP);
    route->has_fault = true;
}

static void set_rate(struct route *route, const char *value)
{
    uint64_t rate;

    if (parse_number(value, strlen(value), &rate) < 0 || rate < 1 || rate > UINT32_MAX)
        refuse(route, 400, "rate is not a number of bytes a second; write ?fault=drip&rate=10");
    else
        route->drip_rate = (uint32_t)rate;
}

struct parameter {
    const char *name;
    void (*set)(struct route *route, const char *value);
};

static const struct parameter parameters[] = {
    {"delay", set_delay}, {"status", set_status}, {"attempt", set_attempt},
    {"id", set_id},       {"fault", set_fault},   {"rate", set_rate},
};

/* One "name=value" of the query. Names that are not known here are for somebody else. */
static void read_parameter(const char *text, size_t size, struct route *route)
{
    const char *equals = memchr(text, '=', size);
    size_t name_size = equals != NULL ? (size_t)(equals - text) : size;
    size_t value_size = equals != NULL ? size - name_size - 1 : 0;
    char value[VALUE_SIZE];

    for (size_t i = 0; i < COUNT_OF(parameters); i++) {
        const char *name = parameters[i].name;

        if (strlen(name) != name_size || memcmp(name, text, name_size) != 0)
            continue;
        if (percent_decode(equals != NULL ? equals + 1 : "", value_size, value, VALUE_SIZE) < 0)
            refuse(route, 400, "a value of the query is too long, or its %XX is malformed");
        else
            parameters[i].set(route, value);
    }
}

static void read_query(const char *query, size_t size, struct route *route)
{
    const char *end = query + size;

    while (query < end) {
        const char *ampersand = memchr(query, '&', (size_t)(end - query));
        const char *stop = ampersand != NULL ? ampersand : end;

        read_parameter(query, (size_t)(stop - query), route);
        query = stop + 1;
    }
}

void route_find(unsigned method, const char *target, size_t size, struct route *route)
{
    struct http_parser_url url = {0};
    char path[PATH_SIZE] = "";
    int error = 0;

    *route = (struct route){.endpoint = ENDPOINT_NONE, .status = 404};
    if (method == HTTP_CONNECT) {
        route->allow = "GET, HEAD, POST";
        refuse(route, 405, "this is no proxy; use GET, HEAD or POST");
        return;
    }
    if (http_parser_parse_url(target, size, 0, &url) != 0) {
        refuse(route, 400, "the target is neither a path nor a URL; ask for /users/7");
        return;
    }
    error = percent_decode(target + url.field_data[UF_PATH].off, url.field_data[UF_PATH].len, path,
                           sizeof(path));
    if (error == -EINVAL)
        refuse(route, 400, "a %XX of the path is malformed; write % as %25");
    else
        find_path(method, error == 0 ? path : "", route);
    read_query(target + url.field_data[UF_QUERY].off, url.field_data[UF_QUERY].len, route);
    if (route->problem != NULL)
        route->endpoint = ENDPOINT_NONE;
}
