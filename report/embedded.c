#include "report/embedded.h"

#include "common/embed.h"

#define EMBEDDED(name, path, template) EMBED(name, path)
#include "embedded.list"
