/* A file that is part of the program, as text. The assembler reads it from the root of the sources,
 * where the compiler runs. */
#ifndef COMMON_EMBED_H
#define COMMON_EMBED_H

/* Defines embedded_NAME, to be declared `extern const char embedded_NAME[];`. */
#define EMBED(name, path)                                                                          \
    __asm__(".section .rodata\n"                                                                   \
            ".global embedded_" #name "\n"                                                         \
            ".type embedded_" #name ", %object\n"                                                  \
            "embedded_" #name ":\n"                                                                \
            ".incbin \"" path "\"\n"                                                               \
            ".byte 0\n"                                                                            \
            ".size embedded_" #name ", . - embedded_" #name "\n"                                   \
            ".previous\n");

#endif
