#include "report/models.h"

#include <string.h>

static const struct model models[] = {
    {.lane = "sync", .name = "sequential", .colour = 0xCC79A7, .point = 13},
    {.lane = "threads", .name = "thread pool", .unit = "threads", .colour = 0xD98200, .point = 5},
    {.lane = "procs", .name = "process pool", .unit = "processes", .colour = 0x009E73, .point = 9},
    {.lane = "async", .name = "event loop", .colour = 0x0072B2, .point = 7},
};

static const struct model others[] = {
    {.name = "other lane", .colour = 0x8A4B08, .point = 11},
    {.name = "other lane", .colour = 0x56B4E9, .point = 15},
    {.name = "other lane", .colour = 0x555555, .point = 4},
    {.name = "other lane", .colour = 0xD98200, .point = 13},
};

static const struct language languages[LANGUAGE_COUNT] = {
    {"c", "C"},
    {"python", "Python"},
    {"go", "Go"},
    {"node", "Node"},
};

#define IN_COLOUR(rgb)                                                                             \
    {                                                                                              \
        {.name = "sequential", .colour = (rgb), .point = 13},                                      \
            {.name = "thread pool", .colour = (rgb), .point = 5},                                  \
            {.name = "process pool", .colour = (rgb), .point = 9},                                 \
            {.name = "event loop", .colour = (rgb), .point = 7},                                   \
    }

#define SHADES 4

/* By language, then by shade, then in the order of `models`. */
static const struct model twins[LANGUAGE_COUNT][SHADES][sizeof(models) / sizeof(models[0])] = {
    {IN_COLOUR(0x333333), IN_COLOUR(0x777777), IN_COLOUR(0x555555), IN_COLOUR(0x999999)},
    {IN_COLOUR(0xB5261E), IN_COLOUR(0xE8803C), IN_COLOUR(0x8E2A6B), IN_COLOUR(0xD98CA0)},
    {IN_COLOUR(0x2347B5), IN_COLOUR(0x6C8BE0), IN_COLOUR(0x12246B), IN_COLOUR(0x9FB4F0)},
    {IN_COLOUR(0x6B8E23), IN_COLOUR(0xA9C23F), IN_COLOUR(0x3E5C0E), IN_COLOUR(0x8FB78A)},
};

const struct language *language_at(size_t index)
{
    return &languages[index];
}

const struct language *language_of(const char *key)
{
    for (size_t i = 0; i < LANGUAGE_COUNT; i++)
        if (key == NULL || strcmp(languages[i].key, key) == 0)
            return &languages[i];
    return NULL;
}

const struct model *model_in(const struct language *language, const struct model *follows,
                             size_t shade)
{
    return &twins[language - languages][shade % SHADES][follows - models];
}

const struct model *model_of(const char *lane, size_t other)
{
    for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++)
        if (strcmp(models[i].lane, lane) == 0)
            return &models[i];
    return &others[other % (sizeof(others) / sizeof(others[0]))];
}

const char *model_lane_short(const char *lane)
{
    const char *slash = strrchr(lane, '/');

    if (slash != NULL)
        lane = slash + 1;
    return strncmp(lane, "lane-", 5) == 0 ? lane + 5 : lane;
}
