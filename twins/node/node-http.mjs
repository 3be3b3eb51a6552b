#!/usr/bin/env node
/* The event loop of Node with its http module: one thread, callbacks, and an agent that keeps the
 * connections. What is computed is computed on the loop, which does nothing else meanwhile. */
import { compute } from './lane/chain.mjs';
import { createAgent, request } from './lane/http.mjs';
import { main } from './lane/main.mjs';
import { runItems } from './lane/slots.mjs';

main({
    name: 'node-http',
    summary: 'with the http module and an agent, all on one event loop',
    works: ['io', 'cpu', 'mixed'],
    compute: 'loop',
    libraries: ['llhttp', 'v8'],
    async run(lane) {
        const agent = createAgent(lane.workload);

        await runItems(lane, { compute, request: (...item) => request(agent, ...item) });
    },
});
