#include "workload/option_values.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "common/units.h"
#include "compute/chain.h"

#define COUNT_MAX 10000000

uint64_t option_duration(struct argp_state *state, const char *name, const char *text)
{
    uint64_t ns = 0;

    if (units_parse_duration(text, &ns) < 0 || ns == 0)
        argp_error(state, "--%s: '%s' is not a time above 0; write it like 200ms, 1.5s or 2m", name,
                   text);
    return ns;
}

uint64_t option_count(struct argp_state *state, const char *name, const char *text)
{
    uint64_t value = 0;

    if (units_parse_count(text, &value) < 0 || value == 0 || value > COUNT_MAX)
        argp_error(state, "--%s: '%s' is not a number from 1 to 10M; write it like 1000 or 10k",
                   name, text);
    return value;
}

uint64_t option_rounds(struct argp_state *state, const char *text)
{
    uint64_t value = 0;

    if (units_parse_count(text, &value) < 0 || value == 0)
        argp_error(state, "--rounds: '%s' is not a number above 0; write it like 100k", text);
    return value;
}

size_t option_block(struct argp_state *state, const char *text)
{
    uint64_t bytes = 0;

    if (units_parse_size(text, &bytes) < 0 || bytes < CHAIN_DIGEST_BYTES ||
        bytes > CHAIN_BLOCK_BYTES_MAX)
        argp_error(state, "--block: '%s' is not a size from 32 bytes to 16M; write it like 64k",
                   text);
    return bytes;
}

void option_digest(struct argp_state *state, const char *text, unsigned char *digest)
{
    if (chain_parse_digest(text, digest) < 0)
        argp_error(state, "--digest: '%s' is not a SHA-256 of 64 hexadecimal digits", text);
}

/* "'io', 'cpu' or 'mixed'" */
static const char *list_words(const char *const *words, char *text, size_t size)
{
    size_t length = 0;

    for (int i = 0; words[i] != NULL && length < size; i++)
        length += (size_t)snprintf(text + length, size - length, "%s'%s'",
                                   i == 0                 ? ""
                                   : words[i + 1] != NULL ? ", "
                                                          : " or ",
                                   words[i]);
    return text;
}

int option_word(struct argp_state *state, const char *name, const char *text,
                const char *const *words)
{
    char list[128];
    int i = 0;

    while (words[i] != NULL && strcmp(words[i], text) != 0)
        i++;
    if (words[i] == NULL)
        argp_error(state, "--%s: '%s' is not %s", name, text,
                   list_words(words, list, sizeof(list)));
    return i;
}

void option_check_url(struct argp_state *state, const char *url)
{
    CURLU *parts = curl_url();
    const char *place = strstr(url, "{id}");
    char *scheme = NULL;

    if (place == NULL || strstr(place + 1, "{id}") != NULL)
        argp_error(state,
                   "URL '%s' must hold {id} once, the place of the request's number: "
                   "http://127.0.0.1:8080/users/{id}",
                   url);
    if (parts == NULL || curl_url_set(parts, CURLUPART_URL, url, 0) != CURLUE_OK ||
        curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0))
        argp_error(state, "'%s' is not an http:// or https:// URL", url);
    curl_free(scheme);
    curl_url_cleanup(parts);
}
