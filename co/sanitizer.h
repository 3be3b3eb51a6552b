/* What the sanitizers and valgrind must be told about stacks that are not the thread's own. Each
 * function does nothing where the program is built without the tool it speaks to. */
#ifndef CO_SANITIZER_H
#define CO_SANITIZER_H

#include <stddef.h>

/* CO_ASAN(call), CO_TSAN(call, otherwise) and CO_VALGRIND(call, otherwise): `call` where the tool
 * is there. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#define CO_ASAN(call) call
#else
#define CO_ASAN(call) (void)0
#endif
#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#define CO_TSAN(call, otherwise) call
#else
#define CO_TSAN(call, otherwise) otherwise
#endif
#if __has_include(<valgrind/valgrind.h>) && !defined(__SANITIZE_ADDRESS__)
#include <valgrind/valgrind.h>
#define CO_VALGRIND(call, otherwise) call
#else
#define CO_VALGRIND(call, otherwise) otherwise
#endif

#define CO_SANITIZER_OFF __attribute__((no_sanitize("address", "thread")))

/* For a function whose entry the thread sanitizer must not note. */
#define CO_SANITIZER_NO_ENTRY __attribute__((no_sanitize("thread")))

static inline int co_sanitizer_on_valgrind(void)
{
    return CO_VALGRIND(RUNNING_ON_VALGRIND != 0, 0);
}

static inline void *co_sanitizer_thread_create(void)
{
    return CO_TSAN(__tsan_create_fiber(0), NULL);
}

static inline void co_sanitizer_thread_destroy(void *thread)
{
    CO_TSAN(__tsan_destroy_fiber(thread), (void)thread);
}

static inline void *co_sanitizer_thread_current(void)
{
    return CO_TSAN(__tsan_get_current_fiber(), NULL);
}

/* The id for co_sanitizer_stack_deregister(). */
static inline unsigned co_sanitizer_stack_register(void *low, void *top)
{
    (void)low, (void)top;
    return CO_VALGRIND((unsigned)VALGRIND_STACK_REGISTER(low, top), 0);
}

static inline void co_sanitizer_stack_deregister(unsigned id)
{
    CO_VALGRIND(VALGRIND_STACK_DEREGISTER(id), (void)id);
}

/* Frames that were left by a switch, never by a return, stay poisoned. */
static inline void co_sanitizer_unpoison(void *low, void *top)
{
    (void)low, (void)top;
    CO_ASAN(__asan_unpoison_memory_region(low, (size_t)((char *)top - (char *)low)));
}

/* Before a switch to the stack of `size` bytes from `low` (the thread `thread`). `fake` keeps what
 * belongs to the stack that is left, or is NULL where that stack has come to its end. */
static inline __attribute__((always_inline)) void co_sanitizer_leave(void **fake, const void *low,
                                                                     size_t size, void *thread)
{
    (void)fake, (void)low, (void)size, (void)thread;
    CO_ASAN(__sanitizer_start_switch_fiber(fake, low, size));
    CO_TSAN(__tsan_switch_to_fiber(thread, 0), (void)0);
}

/* After a switch, on the stack that was switched to. *low and *size become those of the stack that
 * was left. */
static inline __attribute__((always_inline)) void co_sanitizer_arrive(void *fake, const void **low,
                                                                      size_t *size)
{
    (void)fake, (void)low, (void)size;
    CO_ASAN(__sanitizer_finish_switch_fiber(fake, low, size));
}

#endif
