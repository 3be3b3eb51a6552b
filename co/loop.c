/* The loop: a queue of those who are awake, a heap of those who sleep, and libuv for all else.
 *
 * Callbacks of libuv and libcurl only put waiters into the queue; the queue is worked off between
 * two rounds of libuv, on the thread's own stack, so no callback of libuv runs on a task's stack.
 */
#include "co/task.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "co/sanitizer.h"
#include "common/clock.h"

#define STACK_BYTES_DEFAULT (64UL << 10)
#define SLOW_NS_DEFAULT     (100 * NS_PER_MS)
#define BATCH_DEFAULT       256
#define LOOK_NS             (50 * NS_PER_US) /* between two looks at the sockets, about */
#define BRANCHES            4
#define NAMED_IN_DEADLOCK   10

/* ---- Warnings ---------------------------------------------------------------------------- */

static void warn_to_stderr(void *user, const char *text)
{
    (void)user;
    fprintf(stderr, "co: %s\n", text);
}

void co_warn(struct co_loop *loop, const char *text, ...)
{
    char line[512];
    va_list arguments;

    va_start(arguments, text);
    vsnprintf(line, sizeof(line), text, arguments);
    va_end(arguments);
    loop->counts.warnings++;
    loop->options.warn(loop->options.user, line);
}

/* ---- The queue --------------------------------------------------------------------------- */

static void timers_remove(struct co_loop *loop, uint32_t place);

void co_waiter_init(struct co_waiter *waiter, void (*run)(struct co_waiter *self, int reason))
{
    *waiter = (struct co_waiter){.run = run};
    co_link_init(&waiter->link);
}

void co_wake(struct co_loop *loop, struct co_waiter *waiter, int reason)
{
    if (co_is_awake(waiter))
        return;
    if (waiter->timer != CO_TIMER_NONE)
        timers_remove(loop, waiter->timer);
    co_link_remove(&waiter->link);
    co_list_append(&loop->awake, &waiter->link);
    loop->awake_count++;
    waiter->timer = CO_TIMER_AWAKE;
    waiter->reason = reason;
}

void co_wake_all(struct co_loop *loop, struct co_link *list, int reason)
{
    while (!co_list_is_empty(list))
        co_wake(loop, co_list_first(list), reason);
}

void co_forget(struct co_loop *loop, struct co_waiter *waiter)
{
    if (co_is_awake(waiter))
        loop->awake_count--;
    else if (waiter->timer != CO_TIMER_NONE)
        timers_remove(loop, waiter->timer);
    co_link_remove(&waiter->link);
    waiter->timer = CO_TIMER_NONE;
}

/* Whether the one for whom co_run() waits has ended; where it is NULL, whether all have. */
static bool is_over(const struct co_loop *loop, const struct co_task *task)
{
    return task != NULL ? co_is_done(task) : co_list_is_empty(&loop->started);
}

/* Gives those who are awake their turns, for about LOOK_NS, `batch` turns at most, and never beyond
 * a step of the coarse clock. Turns may be handed on from task to task meanwhile. Where time is
 * virtual, no clock may decide when the loop looks, or the order would not come again: always
 * `batch` turns. */
static void run_awake(struct co_loop *loop, const struct co_task *until)
{
    bool fixed = loop->options.virtual_time;
    uint64_t began_ns = clock_ns(), coarse_ns = co_coarse_ns();

    loop->since_ns = coarse_ns;
    loop->turns = fixed ? loop->options.batch : loop->burst;
    while (loop->turns > 0 && loop->awake_count > 0 && (fixed || loop->since_ns == coarse_ns) &&
           !is_over(loop, until)) {
        struct co_waiter *waiter = co_list_first(&loop->awake);
        bool callback = waiter->run != co_task_resume; /* who takes time, but is no task */

        loop->turns--;
        co_forget(loop, waiter);
        waiter->run(waiter, waiter->reason);
        if (callback)
            loop->since_ns = co_coarse_ns();
    }
    if (clock_ns() - began_ns > LOOK_NS)
        loop->burst = (loop->burst + 1) / 2;
    else if (loop->turns == 0)
        loop->burst = loop->burst < loop->options.batch / 2 ? 2 * loop->burst : loop->options.batch;
}

/* ---- Timers ------------------------------------------------------------------------------ */

static void place_timer(struct co_loop *loop, uint32_t place, struct co_timer timer)
{
    loop->timers[place] = timer;
    timer.waiter->timer = place;
}

static uint32_t parent_of(uint32_t place)
{
    return (place - 2) / BRANCHES + 1;
}

static void sift_up(struct co_loop *loop, uint32_t place, struct co_timer timer)
{
    while (place > 1 && loop->timers[parent_of(place)].due_ns > timer.due_ns) {
        place_timer(loop, place, loop->timers[parent_of(place)]);
        place = parent_of(place);
    }
    place_timer(loop, place, timer);
}

static void sift_down(struct co_loop *loop, uint32_t place, struct co_timer timer)
{
    for (;;) {
        uint32_t child = (place - 1) * BRANCHES + 2, least = 0;

        for (uint32_t i = child; i < child + BRANCHES && i <= loop->timer_count; i++)
            if (least == 0 || loop->timers[i].due_ns < loop->timers[least].due_ns)
                least = i;
        if (least == 0 || loop->timers[least].due_ns >= timer.due_ns)
            break;
        place_timer(loop, place, loop->timers[least]);
        place = least;
    }
    place_timer(loop, place, timer);
}

static void timers_remove(struct co_loop *loop, uint32_t place)
{
    struct co_timer last = loop->timers[loop->timer_count--];

    loop->timers[place].waiter->timer = CO_TIMER_NONE;
    if (place > loop->timer_count)
        return;
    if (place > 1 && loop->timers[parent_of(place)].due_ns > last.due_ns)
        sift_up(loop, place, last);
    else
        sift_down(loop, place, last);
}

int co_wake_at(struct co_loop *loop, struct co_waiter *waiter, uint64_t due_ns)
{
    if (co_is_awake(waiter))
        return 0;
    if (waiter->timer != CO_TIMER_NONE)
        timers_remove(loop, waiter->timer);
    if (loop->timer_count + 2 > loop->timer_room) {
        uint32_t room = loop->timer_room > 0 ? 2 * loop->timer_room : 64;
        struct co_timer *larger = realloc(loop->timers, room * sizeof(*larger));

        if (larger == NULL)
            return -ENOMEM;
        loop->timers = larger;
        loop->timer_room = room;
    }
    sift_up(loop, ++loop->timer_count, (struct co_timer){.due_ns = due_ns, .waiter = waiter});
    return 0;
}

/* They come before those who are awake already: these may be many, and time does not wait. */
static void wake_due(struct co_loop *loop)
{
    struct co_link *last = &loop->awake;
    uint64_t now_ns;

    if (loop->timer_count == 0)
        return;
    now_ns = co_now_ns(loop);
    while (loop->timer_count > 0 && loop->timers[1].due_ns <= now_ns) {
        struct co_link *link = &loop->timers[1].waiter->link;

        co_wake(loop, loop->timers[1].waiter, 0);
        co_link_remove(link);
        co_list_append(last->next, link); /* before the next one: behind the last */
        last = link;
    }
}

static void on_timer(uv_timer_t *timer)
{
    struct co_loop *loop = timer->data;

    loop->timer_due_ns = UINT64_MAX;
}

/* libuv counts in milliseconds from a time that it read some time ago. */
static void set_timer(struct co_loop *loop)
{
    uint64_t due_ns = loop->timer_count > 0 ? loop->timers[1].due_ns : UINT64_MAX, now_ns;

    if (due_ns == loop->timer_due_ns)
        return;
    loop->timer_due_ns = due_ns;
    if (due_ns == UINT64_MAX) {
        uv_timer_stop(&loop->timer);
        return;
    }
    now_ns = clock_ns();
    uv_update_time(&loop->uv);
    uv_timer_start(&loop->timer, on_timer,
                   due_ns > now_ns ? (due_ns - now_ns + NS_PER_MS - 1) / NS_PER_MS : 0, 0);
}

/* ---- Running ----------------------------------------------------------------------------- */

uint64_t co_now_ns(const struct co_loop *loop)
{
    return loop->options.virtual_time ? loop->virtual_ns : clock_ns();
}

/* Time passes for the tasks only where nothing else is under way. */
static bool jump(struct co_loop *loop)
{
    if (!loop->options.virtual_time || loop->timer_count == 0 || uv_loop_alive(&loop->uv))
        return false;
    loop->virtual_ns = loop->timers[1].due_ns;
    return true;
}

/* Lets libuv look, and wait where nobody is awake. Returns false where nothing can ever happen. */
static bool look(struct co_loop *loop)
{
    wake_due(loop);
    if (loop->awake_count > 0) {
        uv_run(&loop->uv, UV_RUN_NOWAIT);
        return true;
    }
    if (jump(loop))
        return true;
    if (!loop->options.virtual_time)
        set_timer(loop);
    if (!uv_loop_alive(&loop->uv))
        return false;
    uv_run(&loop->uv, UV_RUN_ONCE);
    wake_due(loop);
    return true;
}

static void name_deadlock(struct co_loop *loop)
{
    size_t named = 0;

    for (struct co_link *link = loop->started.next; link != &loop->started; link = link->next) {
        if (named++ < NAMED_IN_DEADLOCK)
            co_warn(loop, "task '%s' waits for something that nobody can do any more",
                    co_name(co_task_of(link)));
    }
}

/* A request may end other tasks, but only when they run: the list stays as it is meanwhile. */
static void cancel_started(struct co_loop *loop)
{
    for (struct co_link *link = loop->started.next; link != &loop->started; link = link->next)
        co_cancel(co_task_of(link));
}

/* Runs until `task` has ended, or, where it is NULL, until all have. */
static int run_until(struct co_loop *loop, struct co_task *task)
{
    int error = 0;

    while (!is_over(loop, task)) {
        run_awake(loop, task);
        if (is_over(loop, task) || look(loop))
            continue;
        name_deadlock(loop);
        if (error < 0)
            break; /* cancelling did not help either */
        error = CO_EDEADLK;
        cancel_started(loop);
    }
    return error;
}

/* What the program has left behind is named and freed. */
static void clear(struct co_loop *loop)
{
    while (!co_list_is_empty(&loop->created)) {
        struct co_task *task = co_task_of(loop->created.next);

        co_warn(loop, "coroutine '%s' was never awaited", co_name(task));
        co_task_close(task, UV_ECANCELED);
    }
    while (!co_list_is_empty(&loop->ended)) {
        struct co_task *task = co_task_of(loop->ended.next);

        task->references = 1;
        co_task_unreference(task);
    }
}

int co_run(struct co_loop *loop, co_body *body, void *argument)
{
    struct co_task *task = co_start(co_create(loop, body, argument, "main"));
    int result, error, left;

    if (task == NULL)
        return UV_ENOMEM;
    loop->modes = co_context_modes();
    error = run_until(loop, task);
    cancel_started(loop);
    left = run_until(loop, NULL);
    if (co_result(task, &result) < 0)
        return CO_EDEADLK;
    co_release(task);
    clear(loop);
    return error < 0 ? error : left < 0 ? left : result;
}

/* ---- The loop itself --------------------------------------------------------------------- */

struct co_loop *co_loop_new(const struct co_options *options)
{
    struct co_loop *loop = calloc(1, sizeof(*loop));

    if (loop == NULL)
        return NULL;
    if (co_context_init_main(&loop->context) < 0) {
        free(loop);
        return NULL;
    }
    if (uv_loop_init(&loop->uv) < 0) {
        co_context_term_main(&loop->context);
        free(loop);
        return NULL;
    }
    if (options != NULL)
        loop->options = *options;
    if (loop->options.stack_bytes == 0)
        loop->options.stack_bytes = STACK_BYTES_DEFAULT;
    if (loop->options.slow_ns == 0)
        loop->options.slow_ns = SLOW_NS_DEFAULT;
    if (loop->options.batch == 0)
        loop->options.batch = BATCH_DEFAULT;
    loop->burst = 1;
    if (loop->options.warn == NULL)
        loop->options.warn = warn_to_stderr;
    uv_timer_init(&loop->uv, &loop->timer);
    loop->timer.data = loop;
    loop->timer_due_ns = UINT64_MAX;
    co_link_init(&loop->awake);
    co_link_init(&loop->created);
    co_link_init(&loop->started);
    co_link_init(&loop->ended);
    co_stacks_init(&loop->stacks, loop->options.stack_bytes, loop->options.guard);
    return loop;
}

/* Tasks that a deadlock has left behind; what their bodies own is lost. */
static void abandon(struct co_loop *loop)
{
    while (!co_list_is_empty(&loop->started)) {
        struct co_task *task = co_task_of(loop->started.next);

        co_forget(loop, &task->waiter);
        co_link_remove(&task->link);
        free(task);
    }
}

static void close_handle(uv_handle_t *handle, void *user)
{
    (void)user;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

void co_loop_free(struct co_loop *loop)
{
    if (loop == NULL)
        return;
    clear(loop);
    abandon(loop);
    uv_walk(&loop->uv, close_handle, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    uv_loop_close(&loop->uv);
    co_stacks_term(&loop->stacks);
    co_context_term_main(&loop->context);
    free(loop->timers);
    free(loop);
}

uv_loop_t *co_loop_uv(struct co_loop *loop)
{
    return &loop->uv;
}

struct co_counts co_loop_counts(struct co_loop *loop)
{
    struct co_counts counts = loop->counts;

    counts.stacks = loop->stacks.count;
    counts.stack_bytes = loop->stacks.stack_bytes;
    counts.stack_high_water_bytes = co_stacks_high_water(&loop->stacks);
    return counts;
}
