#include "harness/machine/environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/count.h"
#include "common/file.h"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

#define FILE_SIZE_MAX 65536

/* The name of the hypervisor, by its signature in the CPUID leaf that is reserved for it; NULL
 * where there is none. */
static const char *hypervisor(const json_t *names)
{
    const char *name = NULL;
#if defined(__x86_64__) || defined(__i386__)
    unsigned a, b, c, d, signature[4] = {0};

    if (__get_cpuid(1, &a, &b, &c, &d) && (c & (1U << 31)) != 0) {
        __cpuid(0x40000000, a, signature[0], signature[1], signature[2]);
        name = json_string_value(json_object_get(names, (const char *)signature));
        name = name != NULL ? name : "hypervisor";
    }
#endif
    return name;
}

/* Elsewhere than on x86 the firmware may name the machine. */
static void read_product(char *text, size_t size)
{
    static const char *const vendors[] = {"QEMU", "Amazon EC2", "Google", "VMware"};
    char *product = file_read("/sys/class/dmi/id/sys_vendor", FILE_SIZE_MAX, NULL);

    for (size_t i = 0; product != NULL && i < COUNT_OF(vendors); i++)
        if (strstr(product, vendors[i]) != NULL)
            snprintf(text, size, "%.*s", (int)strcspn(product, "\n"), product);
    free(product);
}

static const char *container(const json_t *containers)
{
    const char *mark;
    json_t *name;

    json_object_foreach((json_t *)containers, mark, name)
    {
        if (access(mark, F_OK) == 0)
            return json_string_value(name);
    }
    return NULL;
}

void virtualisation_read(char *text, size_t size)
{
    char product[64] = "none";
    const char *machine = hypervisor(environment_known("hypervisors"));
    const char *inside = container(environment_known("containers"));

    if (machine == NULL) {
        read_product(product, sizeof(product));
        machine = product;
    }
    if (inside == NULL)
        snprintf(text, size, "%s", machine);
    else if (strcmp(machine, "none") == 0)
        snprintf(text, size, "%s", inside);
    else
        snprintf(text, size, "%s, %s", machine, inside);
}
