/* What an item computes: a chain of SHA-256 hashes.
 *
 * h(0) is 32 zero bytes, and h(k+1) the SHA-256 of a block that holds h(k) and then zeros; the
 * result of R rounds is h(R). Each hash needs the one before it: nothing can be left out, computed
 * in parallel or known from elsewhere, and the result says whether all rounds were made.
 *
 * A chain belongs to one thread, which should also make it, so that what it writes in each round
 * lies apart from what others write: two chains made by one thread, on two cores, were seen to take
 * half as long again. It looks the hash up once and uses one context for all rounds: OpenSSL 3's
 * SHA256() would look it up, under a lock that all threads share, in every round. */
#ifndef COMPUTE_CHAIN_H
#define COMPUTE_CHAIN_H

#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHAIN_DIGEST_BYTES    32
#define CHAIN_DIGEST_TEXT     (2 * CHAIN_DIGEST_BYTES + 1) /* bytes of a digest as text */
#define CHAIN_BLOCK_BYTES_MAX (16UL << 20)

struct chain {
    EVP_MD *sha256;
    EVP_MD_CTX *context;
    unsigned char *block; /* h(k), then zeros */
    size_t block_bytes;
    bool failed; /* libcrypto could not go on; h(k) is worth nothing */
};

/* Makes a chain with blocks of `block_bytes` (CHAIN_DIGEST_BYTES … CHAIN_BLOCK_BYTES_MAX) that
 * stands at h(0). Returns 0 or -ENOMEM. chain_term() may be called in either case. */
int chain_init(struct chain *c, size_t block_bytes);
void chain_term(struct chain *c);

/* Back to h(0). */
void chain_start(struct chain *c);

/* Computes the next `rounds` hashes. */
void chain_advance(struct chain *c, uint64_t rounds);

/* Whether the chain has come to `digest` (CHAIN_DIGEST_BYTES). */
bool chain_is_at(const struct chain *c, const unsigned char *digest);

/* How many rounds to make between two looks at anything else: about 50 us of them, at least 1. */
uint64_t chain_stretch(size_t block_bytes);

/* Reads a digest of 64 hexadecimal digits. Returns 0 or -EINVAL. */
int chain_parse_digest(const char *text, unsigned char *digest);

/* Writes a digest in lower case to `text` of CHAIN_DIGEST_TEXT bytes and returns it. */
const char *chain_format_digest(const unsigned char *digest, char *text);

#endif
