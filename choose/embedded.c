/* Files that are built into the program, so that it works from any folder. NUL-terminated. */
#define EMBED(name, path)                                                                          \
    __asm__(".section .rodata\n"                                                                   \
            ".global " #name "\n" #name ":\n"                                                      \
            ".incbin \"" path "\"\n"                                                               \
            ".byte 0\n"                                                                            \
            ".previous\n");

EMBED(choose_reference, "choose/reference.json")
EMBED(choose_choosing_sql, "choose/choosing.sql")
EMBED(choose_command, "choose/command.json")
EMBED(choose_explorer_html, "choose/explorer.html")
EMBED(choose_explorer_js, "choose/explorer.js")
EMBED(choose_model_js, "choose/model.js")
