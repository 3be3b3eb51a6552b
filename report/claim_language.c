#include "report/claim_language.h"

#include <string.h>

#include "common/json.h"

const json_t *claim_language_entries(const json_t *claim, const struct language *language)
{
    return json_object_get(json_at(claim, "languages"), language->key);
}

/* Sets what `entry` names in the selector at `key` of `claim`, but what is no part of one. */
static void select_by(json_t *claim, const char *key, const struct language *language,
                      const json_t *entry)
{
    json_t *selector = json_object_get(claim, key);

    if (selector == NULL)
        return;
    json_object_update(selector, (json_t *)entry);
    json_object_del(selector, "to");
    json_object_del(selector, "reasons");
    json_object_set_new(selector, "language", json_string(language->key));
}

json_t *claim_language_apply(const json_t *claim, const struct language *language,
                             const json_t *entry)
{
    json_t *own = json_deep_copy(claim), *reasons = json_object_get(entry, "reasons");

    if (own == NULL)
        return NULL;
    json_object_del(own, "languages");
    if (json_object_get(own, "select") == NULL)
        json_object_set_new(own, "select", json_object());
    select_by(own, "select", language, entry);
    select_by(own, "to", language, json_object_get(entry, "to"));
    if (reasons != NULL)
        json_object_set(own, "reasons", reasons);
    return own;
}

const char *claim_language_fault(const json_t *claim)
{
    json_t *languages = json_object_get(claim, "languages"), *list, *entry;
    const char *key;
    size_t i;

    json_object_foreach(languages, key, list)
    {
        const struct language *language = language_of(key);

        if (language == NULL || language == language_of(NULL))
            return "its languages must be python, go or node";
        if (!json_is_array(list))
            return "each of its languages needs an array";
        json_array_foreach(list, i, entry)
        {
            if (!json_is_object(entry))
                return "what measures it in a language must be an object";
        }
    }
    return NULL;
}
