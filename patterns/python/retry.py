import asyncio
import random

from pattern import (HttpError, bar, check, check_time, count_failed, fetch_user, figure,
                     outcomes_of)

ATTEMPTS_MAX = 10
BACKOFF, BACKOFF_MAX = 0.02, 0.64


class Policy:
    def __init__(self, attempts, jitter=False):
        self.attempts, self.jitter, self.asked = attempts, jitter, 0
        self.random = random.Random(1)

    def wait(self, attempt):
        """With jitter any time up to twice the backoff, so that it is the same on average."""
        seconds = min(BACKOFF * 2 ** attempt, BACKOFF_MAX)
        return 2 * self.random.random() * seconds if self.jitter else seconds


def is_worth_it(error):
    return (isinstance(error, (ConnectionResetError, TimeoutError))
            or getattr(error, "status", 0) in (429, 503))


# lesson: retry
async def fetch_again(id, policy):
    for attempt in range(policy.attempts):
        policy.asked += 1
        path = f"?attempt={attempt}"
        try:
            return await fetch_user(id, path)
        except (OSError, HttpError) as error:
            last = attempt + 1 == policy.attempts
            if last or not is_worth_it(error):
                raise
        await asyncio.sleep(policy.wait(attempt))
# end


async def retry(n):
    policies = {"once": Policy(1), "backoff": Policy(ATTEMPTS_MAX),
                "jitter": Policy(ATTEMPTS_MAX, jitter=True)}
    failed = {name: count_failed(await outcomes_of(fetch_again(id, policy) for id in range(n)))
              for name, policy in policies.items()}
    bar("one attempt: failed", "failed_once", failed["once"])
    bar("with backoff: failed", "failed_backoff", failed["backoff"])
    bar("with backoff and jitter: failed", "failed_jitter", failed["jitter"])
    for name, policy in policies.items():
        figure(f"requests_{name}", policy.asked)
    check(failed["once"] > 0, "with one attempt requests fail")
    check_time(failed["jitter"] == 0, "with backoff and jitter none does")
    check_time(policies["jitter"].asked < policies["backoff"].asked,
               "jitter spares the service requests, since fewer come together")
