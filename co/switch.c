/* The switch between stacks. A switch is an ordinary call for the compiler, so only the registers
 * that a callee must preserve are saved, on the stack that is left; these include the modes of the
 * floating point unit. */
#include "co/switch.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

#include "co/sanitizer.h"

#if !defined(CO_SWITCH_UCONTEXT) && !defined(__x86_64__) && !defined(__aarch64__)
#define CO_SWITCH_UCONTEXT
#endif

#ifdef CO_SWITCH_UCONTEXT

#include <fenv.h>
#include <stdlib.h>
#include <ucontext.h>

const char *co_context_name(void)
{
    return "ucontext";
}

int co_context_init_main(struct co_context *context)
{
    context->at = calloc(1, sizeof(ucontext_t));
    return context->at != NULL ? 0 : -ENOMEM;
}

void co_context_term_main(struct co_context *context)
{
    free(context->at);
}

/* makecontext() passes ints only: a pointer goes in two halves. */
struct start {
    void (*entry)(void *);
    void *argument;
};

static void begin(unsigned high, unsigned low)
{
    const struct start *start = (const struct start *)((uintptr_t)high << 16 << 16 | low);

    start->entry(start->argument);
    abort();
}

uint64_t co_context_modes(void)
{
    return (uint64_t)fegetround();
}

void co_context_init(struct co_context *context, void *low, void *top, uint64_t modes,
                     void (*entry)(void *), void *argument)
{
    int mine = fegetround();
    uintptr_t end = ((uintptr_t)top - sizeof(ucontext_t)) & ~(uintptr_t)63;
    ucontext_t *state = (ucontext_t *)end;
    struct start *start = (struct start *)(end - 64);

    *start = (struct start){.entry = entry, .argument = argument};
    fesetround((int)modes);
    getcontext(state);
    fesetround(mine);
    state->uc_stack.ss_sp = low;
    state->uc_stack.ss_size = (size_t)((char *)start - (char *)low);
    state->uc_link = NULL;
    makecontext(state, (void (*)(void))begin, 2, (unsigned)((uintptr_t)start >> 16 >> 16),
                (unsigned)(uintptr_t)start);
    context->at = state;
}

/* The thread sanitizer has gone over to the other flow already, and must not note the entry there.
 */
CO_SANITIZER_NO_ENTRY void co_context_switch(struct co_context *from, const struct co_context *to)
{
    swapcontext(from->at, to->at);
}

#else

void co_switch_begin(void);

#define FUNCTION(name, code)                                                                       \
    ".text\n.globl " name "\n.hidden " name "\n.type " name ", %function\n.p2align 4\n" name       \
    ":\n" code ".size " name ", .-" name "\n"

#ifdef __x86_64__

#define NAME "x86-64"

/* Words of a frame: modes, r15, r14, r13, r12, rbx, rbp, return address. */
enum { FRAME_MODES, FRAME_ARGUMENT, FRAME_ENTRY, FRAME_RETURN = 7, FRAME_WORDS };

/* The modes are as a rule those of the other flow already, and to load them takes longer than all
 * the rest. */
__asm__(FUNCTION("co_context_switch", "    pushq %rbp\n"
                                      "    pushq %rbx\n"
                                      "    pushq %r12\n"
                                      "    pushq %r13\n"
                                      "    pushq %r14\n"
                                      "    pushq %r15\n"
                                      "    subq $8, %rsp\n"
                                      "    stmxcsr (%rsp)\n"
                                      "    fnstcw 4(%rsp)\n"
                                      "    movl (%rsp), %eax\n"
                                      "    movzwl 4(%rsp), %edx\n"
                                      "    movq %rsp, (%rdi)\n"
                                      "    movq (%rsi), %rsp\n"
                                      "    cmpl %eax, (%rsp)\n"
                                      "    jne 1f\n"
                                      "    cmpw %dx, 4(%rsp)\n"
                                      "    je 2f\n"
                                      "1:  ldmxcsr (%rsp)\n"
                                      "    fldcw 4(%rsp)\n"
                                      "2:  addq $8, %rsp\n"
                                      "    popq %r15\n"
                                      "    popq %r14\n"
                                      "    popq %r13\n"
                                      "    popq %r12\n"
                                      "    popq %rbx\n"
                                      "    popq %rbp\n"
                                      "    ret\n")
            FUNCTION("co_switch_begin",
                     "    .cfi_startproc\n"
                     "    .cfi_undefined rip\n" /* the outermost frame: a backtrace ends here */
                     "    movq %r15, %rdi\n"
                     "    callq *%r14\n"
                     "    ud2\n"
                     "    .cfi_endproc\n"));

uint64_t co_context_modes(void)
{
    uint32_t modes[2] = {0, 0};

    __asm__ volatile("stmxcsr %0\n\tfnstcw %1" : "=m"(modes[0]), "=m"(modes[1]));
    return (uint64_t)modes[1] << 32 | modes[0];
}

#else /* __aarch64__ */

#define NAME "aarch64"

/* Words of a frame: x19 … x28, fp, lr, d8 … d15, fpcr, one for the alignment. */
enum { FRAME_ARGUMENT, FRAME_ENTRY, FRAME_RETURN = 11, FRAME_MODES = 20, FRAME_WORDS = 22 };

__asm__(FUNCTION("co_context_switch", "    sub sp, sp, #176\n"
                                      "    stp x19, x20, [sp, #0]\n"
                                      "    stp x21, x22, [sp, #16]\n"
                                      "    stp x23, x24, [sp, #32]\n"
                                      "    stp x25, x26, [sp, #48]\n"
                                      "    stp x27, x28, [sp, #64]\n"
                                      "    stp x29, x30, [sp, #80]\n"
                                      "    stp d8, d9, [sp, #96]\n"
                                      "    stp d10, d11, [sp, #112]\n"
                                      "    stp d12, d13, [sp, #128]\n"
                                      "    stp d14, d15, [sp, #144]\n"
                                      "    mrs x9, fpcr\n"
                                      "    str x9, [sp, #160]\n"
                                      "    mov x9, sp\n"
                                      "    str x9, [x0]\n"
                                      "    ldr x9, [x1]\n"
                                      "    mov sp, x9\n"
                                      "    ldp x19, x20, [sp, #0]\n"
                                      "    ldp x21, x22, [sp, #16]\n"
                                      "    ldp x23, x24, [sp, #32]\n"
                                      "    ldp x25, x26, [sp, #48]\n"
                                      "    ldp x27, x28, [sp, #64]\n"
                                      "    ldp x29, x30, [sp, #80]\n"
                                      "    ldp d8, d9, [sp, #96]\n"
                                      "    ldp d10, d11, [sp, #112]\n"
                                      "    ldp d12, d13, [sp, #128]\n"
                                      "    ldp d14, d15, [sp, #144]\n"
                                      "    ldr x9, [sp, #160]\n"
                                      "    msr fpcr, x9\n"
                                      "    add sp, sp, #176\n"
                                      "    ret\n")
            FUNCTION("co_switch_begin", "    .cfi_startproc\n"
                                        "    .cfi_undefined x30\n"
                                        "    mov x0, x19\n"
                                        "    blr x20\n"
                                        "    brk #0\n"
                                        "    .cfi_endproc\n"));

uint64_t co_context_modes(void)
{
    uint64_t modes;

    __asm__ volatile("mrs %0, fpcr" : "=r"(modes));
    return modes;
}

#endif

const char *co_context_name(void)
{
    return NAME;
}

void co_context_init(struct co_context *context, void *low, void *top, uint64_t modes,
                     void (*entry)(void *), void *argument)
{
    uintptr_t end = (uintptr_t)top & ~(uintptr_t)15;
    uint64_t *frame = (uint64_t *)end - FRAME_WORDS;

    (void)low;
    for (int i = 0; i < FRAME_WORDS; i++)
        frame[i] = 0;
    frame[FRAME_MODES] = modes;
    frame[FRAME_ARGUMENT] = (uintptr_t)argument;
    frame[FRAME_ENTRY] = (uintptr_t)entry;
    frame[FRAME_RETURN] = (uintptr_t)co_switch_begin;
    context->at = frame;
}

int co_context_init_main(struct co_context *context)
{
    context->at = NULL;
    return 0;
}

void co_context_term_main(struct co_context *context)
{
    (void)context;
}

#endif
