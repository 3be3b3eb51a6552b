#!/usr/bin/env node
/* The event loop of Node with its built-in fetch: one thread, and a promise for each request.
 *
 * fetch has no limit of its own: it opens a connection for every request for which none is free. So
 * the limit is the number of slots, each of which awaits one answer before it takes the next id. */
import { subscribe } from 'node:diagnostics_channel';

import { compute } from './lane/chain.mjs';
import { main } from './lane/main.mjs';
import { BODY_BYTES_MAX, check, outcomeOf } from './lane/request.mjs';
import { runItems } from './lane/slots.mjs';

/* Reads the body whole, so that its connection can be used again. Returns null where it is too
 * large. */
async function read(response) {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    let text = '';

    for await (const bytes of response.body ?? []) {
        text += decoder.decode(bytes, { stream: true });
        if (text.length > BODY_BYTES_MAX) return null;
    }
    return text + decoder.decode();
}

/* An error within the body is not one before it. */
async function request(id, signal, { workload, recorder }) {
    let response;

    try {
        response = await fetch(workload.urlOf(id), {
            signal,
            redirect: 'manual',
            headers: workload.connections === 'fresh' ? { connection: 'close' } : {},
        });
        recorder.firstByte(id);
        return check(response.status, await read(response), id, workload);
    } catch (error) {
        return outcomeOf(error.cause ?? error, signal, response !== undefined);
    }
}

main({
    name: 'node-fetch',
    summary: 'with the built-in fetch, all on one event loop',
    works: ['io', 'cpu', 'mixed'],
    compute: 'loop',
    libraries: ['undici', 'v8'],
    async run(lane) {
        /* fetch itself does not tell whether it made a new connection; its client does. */
        subscribe('undici:client:connected', () => lane.recorder.connectionOpened());
        await runItems(lane, { request, compute });
    },
});
