#include "compute/chain.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a stretch, with what a round costs beyond its block counted as if it were data. */
#define STRETCH_BYTES 65536
#define ROUND_BYTES   128

int chain_init(struct chain *c, size_t block_bytes)
{
    *c = (struct chain){.block_bytes = block_bytes};
    c->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    c->context = EVP_MD_CTX_new();
    c->block = calloc(1, block_bytes);
    if (c->sha256 != NULL && c->context != NULL && c->block != NULL &&
        EVP_DigestInit_ex2(c->context, c->sha256, NULL) == 1)
        return 0;
    chain_term(c);
    return -ENOMEM;
}

void chain_term(struct chain *c)
{
    free(c->block);
    EVP_MD_CTX_free(c->context);
    EVP_MD_free(c->sha256);
    *c = (struct chain){0};
}

void chain_start(struct chain *c)
{
    memset(c->block, 0, CHAIN_DIGEST_BYTES);
    c->failed = false;
}

/* The context keeps its hash: NULL starts it over, without looking anything up. */
void chain_advance(struct chain *c, uint64_t rounds)
{
    bool failed = c->failed; /* written once, since another thread's chain may lie next to it */

    for (uint64_t i = 0; i < rounds && !failed; i++)
        failed = EVP_DigestInit_ex2(c->context, NULL, NULL) != 1 ||
                 EVP_DigestUpdate(c->context, c->block, c->block_bytes) != 1 ||
                 EVP_DigestFinal_ex(c->context, c->block, NULL) != 1;
    c->failed = failed;
}

bool chain_is_at(const struct chain *c, const unsigned char *digest)
{
    return !c->failed && memcmp(c->block, digest, CHAIN_DIGEST_BYTES) == 0;
}

uint64_t chain_stretch(size_t block_bytes)
{
    return 1 + STRETCH_BYTES / (block_bytes + ROUND_BYTES);
}

int chain_parse_digest(const char *text, unsigned char *digest)
{
    size_t size;

    return OPENSSL_hexstr2buf_ex(digest, CHAIN_DIGEST_BYTES, &size, text, '\0') == 1 &&
                   size == CHAIN_DIGEST_BYTES
               ? 0
               : -EINVAL;
}

const char *chain_format_digest(const unsigned char *digest, char *text)
{
    for (size_t i = 0; i < CHAIN_DIGEST_BYTES; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return text;
}
