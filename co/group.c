/* Task groups: no task outlives the block that started it, and no error is lost. */
#include <stdlib.h>
#include <string.h>

#include "co/task.h"

/* A task's place in its group. */
struct member {
    struct co_observer observer; /* first; in the group's list once the task has ended */
    struct co_link link;         /* in the group's list */
    struct co_group *group;
    struct co_task *task;
};

static struct member *member_of(struct co_link *link)
{
    return (struct member *)((char *)link - offsetof(struct member, link));
}

static void add_error(struct co_group *group, const char *name, int error)
{
    size_t size = strlen(name) + 1;
    struct co_group_error *entry = malloc(sizeof(*entry) + size);

    group->error_count++;
    if (entry == NULL) {
        co_warn(group->owner->loop, "error of task '%s': %s", name, co_error(error));
        return;
    }
    *entry = (struct co_group_error){.error = error};
    memcpy(entry->name, name, size);
    *group->errors_end = entry;
    group->errors_end = &entry->next;
}

void co_group_begin(struct co_task *self, struct co_group *group)
{
    *group = (struct co_group){
        .owner = self,
        .errors_end = &group->errors,
        .scope = co_scope_open(self),
    };
    co_link_init(&group->members);
    co_link_init(&group->waiting);
}

/* Nobody runs meanwhile, so no member leaves the list. */
void co_group_cancel(struct co_group *group)
{
    for (struct co_link *link = group->members.next; link != &group->members; link = link->next)
        co_cancel(member_of(link)->task);
}

static void abort_group(struct co_group *group)
{
    group->aborting = true;
    co_group_cancel(group);
}

static void on_ended(struct co_observer *observer, struct co_task *task)
{
    struct member *member = (struct member *)observer;
    struct co_group *group = member->group;

    group->running--;
    task->retrieved = true;
    if (task->result < 0 && task->result != UV_ECANCELED) {
        add_error(group, co_name(task), task->result);
        if (!group->aborting)
            abort_group(group);
        if (!group->ending && !group->owner_cancelled) {
            group->owner_cancelled = true;
            co_cancel(group->owner);
        }
    }
    if (group->running == 0)
        co_wake_all(task->loop, &group->waiting, 0);
}

struct co_task *co_group_start(struct co_group *group, co_body *body, void *argument,
                               const char *name, ...)
{
    struct member *member;
    va_list arguments;

    if (group->ended || group->aborting)
        return NULL;
    member = malloc(sizeof(*member));
    if (member == NULL)
        return NULL;
    *member = (struct member){.observer.ended = on_ended, .group = group};
    va_start(arguments, name);
    member->task = co_start(co_task_create(group->owner->loop, body, argument, name, arguments));
    va_end(arguments);
    if (member->task == NULL) {
        free(member);
        return NULL;
    }
    co_list_append(&group->members, &member->link);
    co_task_observe(member->task, &member->observer);
    group->running++;
    return member->task;
}

static bool wait_for_members(struct co_group *group)
{
    struct co_task *owner = group->owner;
    bool cancelled = false;

    while (group->running > 0) {
        co_list_append(&group->waiting, &owner->waiter.link);
        if (co_park(owner, NULL, NULL) == UV_ECANCELED) {
            cancelled = true;
            abort_group(group);
        }
    }
    return cancelled;
}

int co_group_end(struct co_group *group, int error)
{
    bool cancelled = error == UV_ECANCELED;

    group->ending = true;
    /* By that the group itself got its owner's attention. */
    if (group->owner_cancelled && co_scope_take_back(&group->scope, group->owner) && cancelled) {
        cancelled = false;
        error = 0;
    }
    if (error < 0 && error != UV_ECANCELED)
        add_error(group, "body", error);
    if (error < 0 && !group->aborting)
        abort_group(group);
    if (wait_for_members(group))
        cancelled = true;
    group->ended = true;
    if (group->error_count == 0)
        return cancelled ? UV_ECANCELED : 0;
    if (cancelled && group->owner->cancelling > 0)
        group->owner->pending = true; /* the errors come first: it is delivered next */
    return group->errors != NULL ? group->errors->error : UV_ENOMEM;
}

void co_group_term(struct co_group *group)
{
    while (!co_list_is_empty(&group->members)) {
        struct member *member = member_of(group->members.next);

        co_link_remove(&member->link);
        co_release(member->task);
        free(member);
    }
    while (group->errors != NULL) {
        struct co_group_error *error = group->errors;

        group->errors = error->next;
        free(error);
    }
    group->errors_end = &group->errors;
}
