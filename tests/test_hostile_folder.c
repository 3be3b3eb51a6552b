/* A run folder whose files are damaged in every way that a disk or somebody may think of. What
 * reads it ends in time, with a status that its help documents and a reason where that is not 0. */
#include "tests/attack.h"
#include "tests/helpers.h"

#include "common/count.h"

#define GOLDEN "tests/golden/complete"
#define KIND   "damaged files of a run"

/* Commands of the shell, for the file $f. */
static const struct damage {
    const char *name, *command;
} damages[] = {
    {"it is gone", "rm $f"},
    {"it is empty", ": >$f"},
    {"it is a folder", "rm $f && mkdir $f"},
    {"it is a pipe", "rm $f && mkfifo $f"},
    {"it is a link to nowhere", "ln -sf nowhere $f"},
    {"it is a link to itself", "ln -sf ${f##*/} $f"},
    {"it is a link to a device without end", "ln -sf /dev/zero $f"},
    {"it ends in its middle", "truncate -s $(($(stat -c %s $f) / 2)) $f"},
    {"it ends with a hole", "truncate -s 3000000 $f"},
    {"a hole of a terabyte", "truncate -s 1T $f"},
    {"all of it is there twice", "cat $f $f >$f.2 && mv $f.2 $f"},
    {"its lines are in another order", "tac $f >$f.2 && mv $f.2 $f"},
    {"NUL in it", "sed -i 's/e/\\x00/3' $f"},
    {"no UTF-8 in it", "sed -i 's/e/\\xff/3' $f"},
    {"no digit is left", "sed -i 's/[0-9]/x/g' $f"},
    {"all digits are nines", "sed -i 's/[0-9]/9/g' $f"},
    {"all numbers are huge", "sed -i -E 's/([0-9])([,}])/\\19e300\\2/g' $f"},
    {"all numbers are negative", "sed -i -E 's/([:,] ?)([0-9])/\\1-\\2/g' $f"},
    {"all numbers are texts", "sed -i -E 's/(: ?)([0-9.]+)/\\1\"\\2\"/g' $f"},
    {"all numbers are null", "sed -i -E 's/(: ?)[0-9.]+/\\1null/g' $f"},
    {"lists within lists", "head -c 200000 /dev/zero | tr '\\0' '[' >$f"},
    {"a line of 20 MB", "head -c 20000000 /dev/zero | tr '\\0' x >$f"},
    {"a page and a script", "sed -i 's/threads/<script>alert(1)<\\/script>/g' $f"},
    {"control characters", "sed -i 's/threads/\\\\u001b[2J\\\\u0007/g' $f"},
};

static const char *const files[] = {"run.json", "results.jsonl", "memory.jsonl",
                                    "records/async-n1000-c1000.csv"};

/* What is wrong with the end of a program; NULL: nothing. */
static const char *fault_of(const struct finished *finished)
{
    if (finished->status == 124)
        return "it hangs";
    if (finished->status > 3)
        return "it crashes";
    if (finished->status != 0 && finished->err[0] == '\0')
        return "it gives no reason";
    if (strchr(finished->out, '\033') != NULL || strchr(finished->err, '\033') != NULL)
        return "it controls the terminal";
    return NULL;
}

static int try_reader(const char *reader, const char *run, const struct damage *damage,
                      const char *file)
{
    bool shows = strcmp(reader, "bench") == 0;
    const char *const argv[] = {"timeout",          "60", program(reader), shows ? "show" : run,
                                shows ? run : NULL, NULL};
    struct finished finished;
    const char *fault;
    char on[128];

    snprintf(on, sizeof(on), "%s: %s", reader, file);
    attack_try(KIND, damage->name, on);
    finished = run_argv(argv);
    fault = fault_of(&finished);
    if (fault == NULL)
        attack_held(KIND, damage->name, on);
    else
        print_error("%s, %s: %s, status %d: %.300s\n", on, damage->name, fault, finished.status,
                    finished.err);
    finished_free(&finished);
    return fault != NULL;
}

/* Returns how many readers have not held. */
static int try_damage(const struct damage *damage, const char *file)
{
    char *folder = folder_make(), *run = strdup(path_in(folder, "run"));
    char command[1024];
    struct finished finished;
    int wrong;

    snprintf(command, sizeof(command), "cp -r %s %s && f=%s/%s && %s", GOLDEN, run, run, file,
             damage->command);
    finished = run_argv((const char *const[]){"bash", "-c", command, NULL});
    if (finished.status != 0)
        fail_msg("%s: %s", command, finished.err);
    finished_free(&finished);
    wrong = try_reader("bench", run, damage, file);
    wrong += try_reader("report", run, damage, file);
    free(run);
    folder_remove(folder);
    return wrong;
}

static void damaged_files_do_no_harm(void **state)
{
    bool all = getenv("ATTACK_LOG") != NULL; /* else each damage of one file */
    int wrong = 0;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(files); i++)
        for (size_t k = 0; k < COUNT_OF(damages); k++)
            if (all || (i + k) % 4 == 0)
                wrong += try_damage(&damages[k], files[i]);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged_files_do_no_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
