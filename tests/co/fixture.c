#include "tests/co/fixture.h"

void trace_say(struct trace *trace, const char *format, ...)
{
    size_t length = strlen(trace->text);
    va_list arguments;

    if (length > 0 && length + 1 < sizeof(trace->text))
        trace->text[length++] = ' ';
    va_start(arguments, format);
    vsnprintf(trace->text + length, sizeof(trace->text) - length, format, arguments);
    va_end(arguments);
}

static void keep_warning(void *user, const char *text)
{
    trace_say(user, "%s;", text);
}

int fixture_run(struct fixture *fixture, co_body *body, const struct co_options *options)
{
    struct co_options own = options != NULL ? *options : (struct co_options){0};
    struct co_counts counts;
    int result;

    own.warn = keep_warning;
    own.user = &fixture->warnings;
    if (own.slow_ns == 0)
        own.slow_ns = UINT64_MAX; /* the machine may be busy */
    *fixture = (struct fixture){.loop = co_loop_new(&own)};
    assert_non_null(fixture->loop);
    result = co_run(fixture->loop, body, fixture);
    counts = co_loop_counts(fixture->loop);
    assert_int_equal(counts.tasks, 0);
    co_loop_free(fixture->loop);
    return result;
}
