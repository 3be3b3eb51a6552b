#include "report/embedded.h"

#include "common/embed.h"

#define EMBED_PART(name) EMBED(name##_md, "report/" #name ".md.in")
#define EMBED_NOTE(name) EMBED(name##_md, "report/notes/" #name ".md")
#define EMBED_TEXT(name) EMBED(name##_txt, "report/" #name ".txt.in")
#define EMBED_PLOT(name) EMBED(name##_gp, "report/plots/" #name ".gp")

EMBEDDED_PARTS(EMBED_PART)
EMBEDDED_NOTES(EMBED_NOTE)
EMBEDDED_TEXTS(EMBED_TEXT)
EMBEDDED_PLOTS(EMBED_PLOT)
EMBEDDED_FILES(EMBED)
