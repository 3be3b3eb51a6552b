import asyncio
import os
import sqlite3
import tempfile

from pattern import bar, check, clock_ns, fetch_user, figure

WORKERS = 20
BATCH = 25


class Database:
    """Calls block: they are made off the loop, and by one thread at a time."""

    def __init__(self, path):
        self.batch, self.transactions = [], 0
        self.connection = sqlite3.connect(path, check_same_thread=False)
        self.connection.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
            "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, "
            "profile TEXT NOT NULL);")

    def insert(self):
        with self.connection:
            self.connection.executemany("INSERT INTO users VALUES (?, ?, ?)", self.batch)

    async def flush(self):
        if self.batch:
            await asyncio.to_thread(self.insert)
            self.transactions += 1
        self.batch = []

    async def save(self, user):
        self.batch.append((user["id"], user["name"], user["profile"]))
        if len(self.batch) == BATCH:
            await self.flush()

    def ask(self, question):
        return self.connection.execute(question).fetchone()[0]


# ---- The steps: delays of the two requests of an item have nothing to do with each other ----

async def fetch_step(id):
    return await fetch_user(id, f"?delay={20 + id * 37 % 161}ms")


async def enrich_step(user):
    await fetch_user(user["id"], f"/profile?delay={20 + user['id'] * 101 % 161}ms")
    return user | {"profile": f"profile of {user['name']}"}


async def run_staged(n, database):
    permits = asyncio.Semaphore(WORKERS)

    async def limited(step, item):
        async with permits:
            return await step(item)

    users = await asyncio.gather(*[limited(fetch_step, id) for id in range(n)])
    users = await asyncio.gather(*[limited(enrich_step, user) for user in users])
    for user in users:
        await database.save(user)


# lesson: pipeline
async def run_streamed(n, database):
    fetch = asyncio.Queue(WORKERS)
    enrich = asyncio.Queue(WORKERS)
    save = asyncio.Queue(BATCH)

    async def stage(step, source, target=None):
        while True:
            result = await step(await source.get())
            if target:
                await target.put(result)
            source.task_done()

    async with asyncio.TaskGroup() as group:
        stages = [stage(database.save, save)]
        for _ in range(WORKERS):
            stages += [stage(fetch_step, fetch, enrich),
                       stage(enrich_step, enrich, save)]
        tasks = [group.create_task(each)
                 for each in stages]
        for id in range(n):
            await fetch.put(id)
        for queue in (fetch, enrich, save):
            await queue.join()
        for task in tasks:
            task.cancel()
# end


async def try_way(n, name, run):
    with tempfile.TemporaryDirectory() as folder:
        database = Database(os.path.join(folder, f"{name}.db"))
        start = clock_ns()
        await run(n, database)
        await database.flush()
        took = clock_ns() - start
        bar(name, f"{name}_ns", took)
        count = database.ask("SELECT count(*) FROM users")
        check(count == n, f"{name}: each user is saved once ({count})")
        check(database.ask("SELECT coalesce(sum(id), 0) FROM users") == n * (n - 1) // 2,
              f"{name}: and none twice")
        check(database.transactions == -(-n // BATCH),
              f"{name}: {database.transactions} transactions of at most {BATCH} users")
        database.connection.close()
    return took


async def pipeline(n):
    staged = await try_way(n, "staged", run_staged)
    streamed = await try_way(n, "streamed", run_streamed)
    figure("gain", staged / streamed)
