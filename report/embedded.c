#include "report/embedded.h"

/* The assembler reads the files from the root of the sources, where the compiler runs. */
#define EMBEDDED(name, path, template)                                                             \
    __asm__(".section .rodata\n"                                                                   \
            ".global embedded_" #name "\n"                                                         \
            ".type embedded_" #name ", %object\n"                                                  \
            "embedded_" #name ":\n"                                                                \
            ".incbin \"" path "\"\n"                                                               \
            ".byte 0\n"                                                                            \
            ".size embedded_" #name ", . - embedded_" #name "\n"                                   \
            ".previous\n");
#include "embedded.list"
