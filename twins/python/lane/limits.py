"""The machine's limits, checked and raised before a model runs into them."""
import resource

DESCRIPTORS_BASE = 32  # standard streams, result files, the loop's own
TASKS_BASE = 1  # the lane itself
MAPPINGS_BASE = 1000  # the interpreter, libraries and malloc's arenas


def _raise_limit(which):
    """Raises the soft limit to the hard one, and returns it; None: no limit."""
    hard = resource.getrlimit(which)[1]
    resource.setrlimit(which, (hard, hard))
    return None if hard == resource.RLIM_INFINITY else hard


def _setting(path):
    try:
        with open(path, encoding="ascii") as file:
            return int(file.read())
    except (OSError, ValueError):
        return None


def prepare(model, concurrency):
    """Raises the soft limits, and returns why `concurrency` is beyond them, or None."""
    descriptors = DESCRIPTORS_BASE + model.descriptors * concurrency
    tasks = TASKS_BASE + model.tasks * concurrency if model.tasks else 0
    mappings = MAPPINGS_BASE + model.mappings * concurrency
    limits = (
        (_raise_limit(resource.RLIMIT_NOFILE), descriptors, "open files (RLIMIT_NOFILE)",
         "ulimit -Hn {} (as root, in this shell)"),
        (_raise_limit(resource.RLIMIT_NPROC), tasks, "processes and threads (RLIMIT_NPROC)",
         "ulimit -Hu {} (as root, in this shell)"),
        (_setting("/proc/sys/kernel/pid_max"), tasks, "task ids (kernel.pid_max)",
         "sysctl -w kernel.pid_max={}"),
        (_setting("/proc/sys/kernel/threads-max"), tasks,
         "threads of the machine (kernel.threads-max)", "sysctl -w kernel.threads-max={}"),
        (_setting("/proc/sys/vm/max_map_count"), mappings, "memory mappings (vm.max_map_count)",
         "sysctl -w vm.max_map_count={}"),
    )
    for limit, needed, name, remedy in limits:
        if limit is not None and needed > limit:
            return (f"-c {concurrency} needs {needed} {name}, but the limit is {limit}; "
                    f"raise it with: {remedy.format(needed)}, or lower -c")
    return None
