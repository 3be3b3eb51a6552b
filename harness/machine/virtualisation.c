#include "harness/machine/environment.h"

#include <stdbool.h>
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

/* How hypervisors sign the CPUID leaf that is reserved for them. */
static const struct {
    const char *signature;
    const char *name;
} hypervisors[] = {
    {"KVMKVMKVM", "KVM"},      {"Microsoft Hv", "Hyper-V"}, {"VMwareVMware", "VMware"},
    {"XenVMMXenVMM", "Xen"},   {"TCGTCGTCGTCG", "QEMU"},    {"VBoxVBoxVBox", "VirtualBox"},
    {"bhyve bhyve ", "bhyve"}, {"ACRNACRNACRN", "ACRN"},
};

static bool read_signature(char signature[13])
{
    memset(signature, 0, 13);
#if defined(__x86_64__) || defined(__i386__)
    unsigned a, b, c, d;

    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & (1U << 31)) == 0)
        return false;
    __cpuid(0x40000000, a, b, c, d);
    memcpy(signature, &b, 4);
    memcpy(signature + 4, &c, 4);
    memcpy(signature + 8, &d, 4);
    return true;
#else
    return false;
#endif
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

static const char *container(void)
{
    static const char *const marks[][2] = {{"/.dockerenv", "docker"},
                                           {"/run/.containerenv", "podman"},
                                           {"/run/systemd/container", "container"}};

    for (size_t i = 0; i < COUNT_OF(marks); i++)
        if (access(marks[i][0], F_OK) == 0)
            return marks[i][1];
    return NULL;
}

void virtualisation_read(char *text, size_t size)
{
    char signature[13], machine[64] = "none";
    const char *inside = container();

    if (read_signature(signature)) {
        snprintf(machine, sizeof(machine), "hypervisor");
        for (size_t i = 0; i < COUNT_OF(hypervisors); i++)
            if (strcmp(hypervisors[i].signature, signature) == 0)
                snprintf(machine, sizeof(machine), "%s", hypervisors[i].name);
    } else {
        read_product(machine, sizeof(machine));
    }
    if (inside == NULL)
        snprintf(text, size, "%s", machine);
    else if (strcmp(machine, "none") == 0)
        snprintf(text, size, "%s", inside);
    else
        snprintf(text, size, "%s, %s", machine, inside);
}
