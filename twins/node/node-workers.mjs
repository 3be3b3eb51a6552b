#!/usr/bin/env node
/* Worker threads for what computes, the event loop for what waits.
 *
 * A worker thread has a JavaScript engine and a loop of its own, and shares nothing with others: it
 * gets a message for an item, and answers with what it has come to. With --work cpu there are C of
 * them; with --work mixed C requests wait on the loop, and one worker for each core computes. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { judge } from './lane/chain.mjs';
import { createAgent, request } from './lane/http.mjs';
import { cores } from './lane/machine.mjs';
import { main } from './lane/main.mjs';
import { runItems } from './lane/slots.mjs';

class Pool {
    #idle = [];
    #waiting = []; /* those who wait for an idle worker, in order */

    constructor(size, { rounds, block }) {
        const program = new URL('./lane/chain_worker.mjs', import.meta.url);

        for (let i = 0; i < size; i++)
            this.#idle.push(new Worker(program, { workerData: { rounds, block } }));
    }

    async compute(id, { workload }) {
        const worker = this.#idle.pop() ?? (await new Promise((go) => this.#waiting.push(go)));
        const answer = once(worker, 'message'); /* rejects where the worker dies of an error */

        worker.postMessage(id);
        const [digest] = await answer;
        const next = this.#waiting.shift();
        if (next !== undefined) next(worker);
        else this.#idle.push(worker);
        return judge(digest, workload);
    }
}

main({
    name: 'node-workers',
    summary: 'computing in worker threads',
    works: ['cpu', 'mixed'],
    compute: 'threads',
    libraries: ['llhttp', 'v8'],
    concurrencyDefault: cores,
    workers: ({ work, concurrency }) =>
        work === 'cpu' ? concurrency : Math.min(concurrency, cores()),
    async run(lane) {
        const pool = new Pool(lane.workload.workers, lane.workload);
        const agent = createAgent(lane.workload);

        await runItems(lane, {
            request: (...item) => request(agent, ...item),
            compute: (...item) => pool.compute(...item),
        });
    },
});
