/* What the sanitizers and valgrind must be told about stacks that are not the thread's own. Each
 * function does nothing where the program is built without the tool it speaks to. */
#ifndef CO_SANITIZER_H
#define CO_SANITIZER_H

#include <stddef.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif
#if __has_include(<valgrind/valgrind.h>) && !defined(__SANITIZE_ADDRESS__)
#include <valgrind/valgrind.h>
#endif

#define CO_SANITIZER_OFF __attribute__((no_sanitize("address", "thread")))

/* For a function whose entry the thread sanitizer must not note. */
#define CO_SANITIZER_NO_ENTRY __attribute__((no_sanitize("thread")))

static inline int co_sanitizer_on_valgrind(void)
{
#ifdef RUNNING_ON_VALGRIND
    return RUNNING_ON_VALGRIND != 0;
#else
    return 0;
#endif
}

static inline void *co_sanitizer_thread_create(void)
{
#ifdef __SANITIZE_THREAD__
    return __tsan_create_fiber(0);
#else
    return NULL;
#endif
}

static inline void co_sanitizer_thread_destroy(void *thread)
{
    (void)thread;
#ifdef __SANITIZE_THREAD__
    __tsan_destroy_fiber(thread);
#endif
}

static inline void *co_sanitizer_thread_current(void)
{
#ifdef __SANITIZE_THREAD__
    return __tsan_get_current_fiber();
#else
    return NULL;
#endif
}

/* The id for co_sanitizer_stack_deregister(). */
static inline unsigned co_sanitizer_stack_register(void *low, void *top)
{
    (void)low, (void)top;
#ifdef VALGRIND_STACK_REGISTER
    return (unsigned)VALGRIND_STACK_REGISTER(low, top);
#else
    return 0;
#endif
}

static inline void co_sanitizer_stack_deregister(unsigned id)
{
    (void)id;
#ifdef VALGRIND_STACK_REGISTER
    VALGRIND_STACK_DEREGISTER(id);
#endif
}

/* Frames that were left by a switch, never by a return, stay poisoned. */
static inline void co_sanitizer_unpoison(void *low, void *top)
{
    (void)low, (void)top;
#ifdef __SANITIZE_ADDRESS__
    __asan_unpoison_memory_region(low, (size_t)((char *)top - (char *)low));
#endif
}

/* Before a switch to the stack of `size` bytes from `low` (the thread `thread`). `fake` keeps what
 * belongs to the stack that is left, or is NULL where that stack has come to its end. */
static inline __attribute__((always_inline)) void co_sanitizer_leave(void **fake, const void *low,
                                                                     size_t size, void *thread)
{
    (void)fake, (void)low, (void)size, (void)thread;
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_start_switch_fiber(fake, low, size);
#endif
#ifdef __SANITIZE_THREAD__
    __tsan_switch_to_fiber(thread, 0);
#endif
}

/* After a switch, on the stack that was switched to. *low and *size become those of the stack that
 * was left. */
static inline __attribute__((always_inline)) void co_sanitizer_arrive(void *fake, const void **low,
                                                                      size_t *size)
{
    (void)fake, (void)low, (void)size;
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_finish_switch_fiber(fake, low, size);
#endif
}

#endif
