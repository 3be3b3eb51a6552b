#include "harness/process/http.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "harness/error.h"

#define TIMEOUT_MS    5000L
#define BODY_SIZE_MAX (16UL << 20)

struct body {
    char *data;
    size_t size;
};

static size_t append(char *data, size_t size, size_t count, void *user)
{
    struct body *body = user;
    size_t bytes = size * count;
    char *larger;

    if (body->size + bytes > BODY_SIZE_MAX)
        return 0;
    larger = realloc(body->data, body->size + bytes + 1);
    if (larger == NULL)
        return 0;
    memcpy(larger + body->size, data, bytes);
    body->data = larger;
    body->size += bytes;
    return bytes;
}

static CURLcode perform(CURL *easy, const char *url, bool post, struct body *body)
{
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http");
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, body);
    if (post)
        curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "");
    return curl_easy_perform(easy);
}

/* Returns 0 with the body, or -EIO and an error. The body is to be freed in any case. */
static int request(const char *url, bool post, struct body *body, char *error)
{
    CURL *easy = curl_easy_init();
    CURLcode code;
    long status = 0;

    *body = (struct body){0};
    if (easy == NULL)
        return error_set(error, -EIO, "%s: no memory for a request", url);
    code = perform(easy, url, post, body);
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_cleanup(easy);
    if (code != CURLE_OK)
        return error_set(error, -EIO, "%s: %s", url, curl_easy_strerror(code));
    if (status < 200 || status > 299)
        return error_set(error, -EIO, "%s: answered with status %ld", url, status);
    return 0;
}

json_t *http_get_json(const char *url, char *error)
{
    struct body body;
    json_error_t where;
    json_t *value = NULL;

    if (request(url, false, &body, error) == 0) {
        value = json_loadb(body.data != NULL ? body.data : "", body.size, 0, &where);
        if (value == NULL)
            error_set(error, -EIO, "%s: the answer is not JSON: %s", url, where.text);
    }
    free(body.data);
    return value;
}

int http_post(const char *url, char *error)
{
    struct body body;
    int code = request(url, true, &body, error);

    free(body.data);
    return code;
}
