import asyncio
import random

from pattern import HttpError, bar, count_failed, fetch_user, figure, outcomes_of

ATTEMPTS_MAX = 10
BACKOFF, BACKOFF_MAX = 0.02, 0.64


class Policy:
    def __init__(self, label, attempts, jitter=False):
        self.label, self.attempts, self.jitter, self.asked = label, attempts, jitter, 0
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
    policies = {"once": Policy("one attempt", 1), "backoff": Policy("with backoff", ATTEMPTS_MAX),
                "jitter": Policy("with backoff and jitter", ATTEMPTS_MAX, jitter=True)}
    for name, policy in policies.items():
        outcomes = await outcomes_of(fetch_again(id, policy) for id in range(n))
        bar(f"{policy.label}: failed", f"failed_{name}", count_failed(outcomes))
        figure(f"requests_{name}", policy.asked)
