#!/usr/bin/env node
/* N tasks that only wait: a promise and a timer each, all on one event loop. */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { main } from './lane/main.mjs';
import { timerMs } from './lane/units.mjs';

main({
    name: 'node-promises',
    summary: 'as promises that only wait',
    works: ['sleep'],
    libraries: ['v8', 'uv'],
    async run({ workload, recorder }) {
        const ms = timerMs(workload.latency);
        const tasks = [];

        async function task(id) {
            await sleep(ms);
            recorder.end(id, { outcome: 'ok' });
        }

        for (let id; (id = recorder.take(0)) !== null; ) tasks.push(task(id));
        /* All of them sleep: none wakes before this function waits. */
        if (workload.ready !== null && recorder.ended === 0) writeFileSync(workload.ready, '');
        await Promise.all(tasks);
    },
});
