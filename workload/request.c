#include "workload/request.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/clock.h"
#include "common/json.h"

static bool needs_tls(const char *url)
{
    return strncasecmp(url, "https:", 6) == 0;
}

/* With no TLS, too, libcurl has OpenSSL set up. Its configuration, the texts of its errors and what
 * it tidies up at exit are most of what that costs, and nobody needs them. */
int request_global_init(const char *url)
{
    const uint64_t bare =
        OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS | OPENSSL_INIT_NO_ATEXIT;
    long flags = needs_tls(url) ? CURL_GLOBAL_SSL : CURL_GLOBAL_NOTHING;

    if (!needs_tls(url))
        OPENSSL_init_crypto(bare, NULL);
    return curl_global_init(flags) == CURLE_OK ? 0 : -ENOMEM;
}

/* libcurl's header callback, called for each line; the empty one ends a header, of which an answer
 * has more than one where the first are 1xx. */
static size_t on_header(char *line, size_t one, size_t size, void *user)
{
    struct request *q = user;
    long status = 0;

    if (exchange_add_line(&q->exchange, size) < 0)
        return 0; /* ends the transfer */
    if (line[0] == '\r' || line[0] == '\n') {
        curl_easy_getinfo(q->easy, CURLINFO_RESPONSE_CODE, &status);
        q->exchange.head_ended = status >= 200;
    }
    return one * size;
}

/* libcurl's progress callback, called at least once a second: not 0 ends the transfer. */
static int on_progress(void *user, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal,
                       curl_off_t ulnow)
{
    const struct request *q = user;

    (void)dltotal, (void)dlnow, (void)ultotal, (void)ulnow;
    return stop_asked(&q->recorder->queue.stop);
}

/* Names of files that each handle, and each connection of it, has copies of. */
static void forget_certificates(CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, NULL);
    curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, NULL);
}

/* What libcurl looks at in each transfer for nothing: whether a name was resolved long ago, and,
 * 200 ms after a connection was begun, even if it stands, whether to try another address beside it.
 * The raw client tries the next one where the first has failed, and so does libcurl now. */
static void skip_needless_looks(CURL *easy, uint64_t timeout_ns)
{
    curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, -1L);
    curl_easy_setopt(easy, CURLOPT_HAPPY_EYEBALLS_TIMEOUT_MS, (long)(timeout_ns / NS_PER_MS + 1));
}

/* The settings that are the same for every model. Returns 0 or -ENOMEM. */
static int set_options(struct request *q)
{
    if (!needs_tls(q->workload->url))
        forget_certificates(q->easy);
    easy_set_up(q->easy, q->workload->fresh, &q->exchange);
    skip_needless_looks(q->easy, q->workload->timeout_ns);
    curl_easy_setopt(q->easy, CURLOPT_PRIVATE, q);
    curl_easy_setopt(q->easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(q->easy, CURLOPT_HEADERDATA, q);
    curl_easy_setopt(q->easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(q->easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(q->easy, CURLOPT_XFERINFODATA, q);
    curl_easy_setopt(q->easy, CURLOPT_HTTPHEADER, q->workload->headers);
    if (q->workload->method != NULL && strcmp(q->workload->method, "HEAD") == 0)
        curl_easy_setopt(q->easy, CURLOPT_NOBODY, 1L); /* none follows, whatever its length */
    return curl_easy_setopt(q->easy, CURLOPT_CUSTOMREQUEST, q->workload->method) == CURLE_OK
               ? 0
               : -ENOMEM;
}

int request_init(struct request *q, const struct workload *w, struct recorder *r)
{
    *q = (struct request){.workload = w, .recorder = r};
    q->easy = curl_easy_init();
    if (q->easy == NULL)
        return -ENOMEM;
    if (set_options(q) == 0)
        return 0;
    request_term(q);
    return -ENOMEM;
}

void request_term(struct request *q)
{
    if (q->easy != NULL)
        curl_easy_cleanup(q->easy);
    free(q->exchange.body.bytes);
    *q = (struct request){0};
}

static size_t put_id(const char *template, uint64_t id, char *text, size_t size)
{
    const char *place = strstr(template, "{id}");

    if (place == NULL)
        return (size_t)snprintf(text, size, "%s", template);
    return (size_t)snprintf(text, size, "%.*s%llu%s", (int)(place - template), template,
                            (unsigned long long)id, place + strlen("{id}"));
}

size_t request_place(const struct workload *w, uint64_t id, char *text, size_t size)
{
    return put_id(w->url, w->first_id + id, text, size);
}

/* libcurl copies the text of either option. */
static CURLcode set_text(struct request *q, CURLoption option, const char *template)
{
    size_t size = strlen(template) + 24;
    char room[256], *text = size <= sizeof(room) ? room : malloc(size);
    CURLcode code = CURLE_OUT_OF_MEMORY;

    if (text != NULL) {
        put_id(template, q->workload->first_id + q->id, text, size);
        code = curl_easy_setopt(q->easy, option, text);
    }
    if (text != room)
        free(text);
    return code;
}

/* A body has its length set anew: ids differ in theirs. */
static CURLcode set_url_and_body(struct request *q)
{
    CURLcode code = set_text(q, CURLOPT_URL, q->workload->url);

    if (code == CURLE_OK && q->workload->body != NULL) {
        curl_easy_setopt(q->easy, CURLOPT_POSTFIELDSIZE, -1L);
        code = set_text(q, CURLOPT_COPYPOSTFIELDS, q->workload->body);
    }
    return code;
}

/* For one request, or for what is left of the run. */
static void set_timeout(struct request *q)
{
    uint64_t start_ns = q->recorder->records[q->id].start_ns,
             deadline_ns = q->workload->deadline_ns;
    uint64_t timeout_ns = q->workload->timeout_ns;

    q->cut_by_deadline = deadline_ns != 0 && deadline_ns < start_ns + timeout_ns;
    if (q->cut_by_deadline)
        timeout_ns = deadline_ns > start_ns ? deadline_ns - start_ns : 0;
    easy_set_timeout(q->easy, &q->exchange, timeout_ns);
}

int request_begin(struct request *q, uint64_t id)
{
    q->id = id;
    exchange_clear(&q->exchange);
    q->exchange.body.dropped =
        work_requests(q->workload->work) && q->workload->verify == VERIFY_STATUS;
    if (q->easy == NULL)
        return 0;
    set_timeout(q);
    if (set_url_and_body(q) == CURLE_OK)
        return 0;
    recorder_end(q->recorder, id, OUTCOME_OTHER, CURLE_OUT_OF_MEMORY);
    return -ENOMEM;
}

/* libcurl's times count from its own start of the transfer, which for an event loop is later than
 * ours: so they are anchored at the end. */
static void record_times(const struct request *q, struct record *record)
{
    uint64_t now = clock_ns(), origin_ns;
    curl_off_t total_us = 0, connected_us = 0, first_byte_us = 0;

    curl_easy_getinfo(q->easy, CURLINFO_TOTAL_TIME_T, &total_us);
    curl_easy_getinfo(q->easy, CURLINFO_CONNECT_TIME_T, &connected_us);
    curl_easy_getinfo(q->easy, CURLINFO_STARTTRANSFER_TIME_T, &first_byte_us);
    origin_ns = now - (uint64_t)total_us * NS_PER_US;
    if (origin_ns < record->start_ns)
        origin_ns = record->start_ns;
    if (connected_us > 0 || first_byte_us > 0) /* 0: on a connection that was open already */
        record->connected_ns = origin_ns + (uint64_t)connected_us * NS_PER_US;
    if (first_byte_us > 0)
        record->first_byte_ns = origin_ns + (uint64_t)first_byte_us * NS_PER_US;
}

/* What libcurl tells when a transfer has ended. */
static void see(struct request *q, CURLcode code)
{
    struct exchange *seen = &q->exchange;
    struct record *record = &q->recorder->records[q->id];
    long connections = 0, status = 0, error = 0;

    record_times(q, record);
    curl_easy_getinfo(q->easy, CURLINFO_NUM_CONNECTS, &connections);
    curl_easy_getinfo(q->easy, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_COULDNT_CONNECT)
        curl_easy_getinfo(q->easy, CURLINFO_OS_ERRNO, &error);
    seen->status = (uint16_t)status;
    seen->os_error = (int)error;
    record->resends = (uint8_t)(seen->sends > 0 ? seen->sends - 1 : 0);
    atomic_fetch_add(&q->recorder->connections, (uint64_t)connections);
}

/* ---- Verification ------------------------------------------------------------------------ */

/* What is left to read of a text that may hold anything, and has no NUL behind it. */
struct rest {
    const char *at, *end;
};

/* The next character; NUL at the end. */
static char peek(const struct rest *rest)
{
    return rest->at < rest->end ? *rest->at : '\0';
}

static bool take(struct rest *rest, char wanted)
{
    if (peek(rest) != wanted)
        return false;
    rest->at++;
    return true;
}

static void skip_space(struct rest *rest)
{
    while (peek(rest) == ' ' || peek(rest) == '\n' || peek(rest) == '\r' || peek(rest) == '\t')
        rest->at++;
}

/* These two return whether it goes on with a string without escapes, or with a value that is such a
 * string (then it is UINT64_MAX) or a number of at most 18 digits, which is then taken. */
static bool take_string(struct rest *rest)
{
    if (!take(rest, '"'))
        return false;
    while (peek(rest) >= ' ' && peek(rest) <= '~' && peek(rest) != '"' && peek(rest) != '\\')
        rest->at++;
    return take(rest, '"');
}

static bool take_value(struct rest *rest, uint64_t *value)
{
    const char *first = rest->at;
    ptrdiff_t digits;

    *value = UINT64_MAX;
    if (peek(rest) == '"')
        return take_string(rest);
    for (*value = 0; peek(rest) >= '0' && peek(rest) <= '9'; rest->at++)
        *value = *value * 10 + (uint64_t)(*rest->at - '0');
    digits = rest->at - first;
    return digits >= 1 && digits <= 18 && (digits == 1 || *first != '0');
}

/* Reads a flat object of such values, as most answers are: at a tenth of what it takes to build a
 * value of it. Returns false where the text is no such object; else true, with its "id", or
 * UINT64_MAX. */
static bool read_flat(struct rest rest, uint64_t *id)
{
    static const char wanted[] = "\"id\"";
    uint64_t value;

    *id = UINT64_MAX;
    skip_space(&rest);
    if (peek(&rest) != '{')
        return false;
    do {
        const char *key;
        bool is_id;

        rest.at++;
        skip_space(&rest);
        key = rest.at;
        if (!take_string(&rest))
            return false;
        is_id =
            (size_t)(rest.at - key) == strlen(wanted) && memcmp(key, wanted, strlen(wanted)) == 0;
        skip_space(&rest);
        if (!take(&rest, ':'))
            return false;
        skip_space(&rest);
        if (!take_value(&rest, &value))
            return false;
        if (is_id)
            *id = value; /* of several, the last */
        skip_space(&rest);
    } while (peek(&rest) == ',');
    if (!take(&rest, '}'))
        return false;
    skip_space(&rest);
    return rest.at == rest.end;
}

bool request_verify_body(const void *body, size_t size, uint64_t id)
{
    const char *text = size > 0 ? body : "";
    json_t *value;
    const json_t *found;
    uint64_t number;
    bool same;

    if (read_flat((struct rest){text, text + size}, &number))
        return number == id;
    value = json_text_load(text, size, JSON_ALLOW_NUL);
    found = json_object_get(value, "id");
    same = json_is_integer(found) && (uint64_t)json_integer_value(found) == id;
    json_decref(value);
    return same;
}

static enum outcome check_answer(const struct request *q)
{
    const struct exchange *seen = &q->exchange;

    if (seen->status < 200 || seen->status > 299)
        return OUTCOME_HTTP_STATUS;
    if (q->workload->verify == VERIFY_ID &&
        !request_verify_body(seen->body.bytes, seen->body.size, q->workload->first_id + q->id))
        return OUTCOME_BAD_BODY;
    return OUTCOME_OK;
}

/* Remembers what the system said, of which the code says little. */
static void note_os_error(const struct request *q, CURLcode code)
{
    int error = code == CURLE_OUT_OF_MEMORY ? ENOMEM : q->exchange.os_error;

    if (error > 0)
        recorder_note_error(q->recorder, error);
}

bool request_end(struct request *q, CURLcode code)
{
    enum outcome outcome;
    unsigned detail;

    code = easy_verdict(&q->exchange, code);
    outcome = outcome_of_transfer(code, q->exchange.head_ended);
    detail = code;
    if (q->easy != NULL)
        see(q, code);
    note_os_error(q, code);
    if (outcome == OUTCOME_OK)
        outcome = check_answer(q);
    if (outcome == OUTCOME_HTTP_STATUS)
        detail = q->exchange.status;
    if (outcome == OUTCOME_TIMEOUT && q->cut_by_deadline)
        outcome = OUTCOME_CANCELLED;
    if (outcome == OUTCOME_OK && q->workload->work == WORK_MIXED)
        return true;
    recorder_end(q->recorder, q->id, outcome, detail);
    return false;
}

bool request_perform(struct request *q, uint64_t id)
{
    if (request_begin(q, id) < 0)
        return false;
    return request_end(q, curl_easy_perform(q->easy));
}
