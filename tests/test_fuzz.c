/* A short run over the path of a request: every input of the corpus, and random changes of them,
 * always the same. `make fuzz` searches for more. */
#include "tests/attack.h"
#include "tests/helpers.h"

#include <dirent.h>

#include "common/file.h"
#include "tests/fuzz/target.h"

#define CORPUS         "tests/fuzz/corpus"
#define INPUT_SIZE_MAX 40000
#define CHANGES        500 /* of each input */

/* One of the ways in which inputs go wrong: a byte changed, a part lost, a part twice. Returns the
 * new size. */
static size_t change(char *input, size_t size)
{
    size_t at = (size_t)random() % size, part = 1 + (size_t)random() % 16;

    if (part > size - at)
        part = size - at;
    switch (random() % 4) {
    case 0:
        input[at] = (char)random();
        return size;
    case 1:
        input[at] = "\r\n \0:%?/&=019"[random() % 14];
        return size;
    case 2:
        memmove(input + at, input + at + part, size - at - part);
        return size - part;
    default:
        if (size + part > INPUT_SIZE_MAX)
            return size;
        memmove(input + at + part, input + at, size - at);
        return size + part;
    }
}

static void run_input(const char *name)
{
    size_t size;
    char *text = file_read(path_in(CORPUS, name), INPUT_SIZE_MAX, &size);
    char *input = malloc(INPUT_SIZE_MAX);

    assert_non_null(text);
    assert_non_null(input);
    attack_try("requests to the mock server", name, "");
    LLVMFuzzerTestOneInput((const uint8_t *)text, size);
    for (int i = 0; i < CHANGES; i++) {
        size_t changed = size;

        memcpy(input, text, size);
        for (long k = random() % 4; k >= 0 && changed > 1; k--)
            changed = change(input, changed);
        LLVMFuzzerTestOneInput((const uint8_t *)input, changed);
    }
    attack_held("requests to the mock server", name, "");
    free(input);
    free(text);
}

static void the_corpus_and_changes_of_it(void **state)
{
    struct dirent **entries;
    int count = scandir(CORPUS, &entries, NULL, alphasort), inputs = 0;

    (void)state;
    assert_true(count > 0);
    srandom(1);
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.') {
            run_input(entries[i]->d_name);
            inputs++;
        }
        free(entries[i]);
    }
    free(entries);
    assert_true(inputs >= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_corpus_and_changes_of_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
