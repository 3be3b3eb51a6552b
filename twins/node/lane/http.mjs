/* A request through the http module. */
import http from 'node:http';
import https from 'node:https';

import { BODY_BYTES_MAX, check, outcomeOf } from './request.mjs';

/* By default an agent keeps 256 idle connections; here as many as are in use. An agent with a limit
 * uses connections again whatever `keepAlive` says: for fresh ones the slots are the limit. */
export function createAgent({ url, connections, concurrency }) {
    const module = url?.startsWith('https:') ? https : http;
    const fresh = connections === 'fresh';

    return new module.Agent({
        keepAlive: !fresh,
        maxSockets: fresh ? Infinity : concurrency,
        maxFreeSockets: concurrency,
    });
}

/* Records when the request has a connection, and whether that is a new one. */
function watchConnection(socket, id, recorder) {
    if (!socket.connecting) {
        recorder.connected(id);
        return;
    }
    socket.once('connect', () => {
        recorder.connected(id);
        recorder.connectionOpened();
    });
}

export function request(agent, id, signal, { workload, recorder }) {
    const { get } = agent instanceof https.Agent ? https : http;

    return new Promise((end) => {
        let answered = false;

        function receive(response) {
            let body = '';

            answered = true;
            recorder.firstByte(id);
            response.setEncoding('utf8');
            response.on('data', (text) => {
                body += text;
                if (body.length <= BODY_BYTES_MAX) return;
                end({ outcome: 'bad_body', detail: 'the body is too large' });
                response.destroy();
            });
            response.on('end', () => end(check(response.statusCode, body, id, workload)));
            response.on('error', fail);
        }

        /* The first call counts: of a reset the request hears before the response does. */
        function fail(error) {
            end(outcomeOf(error, signal, answered));
        }

        get(workload.urlOf(id), { agent, signal }, receive)
            .on('socket', (socket) => watchConnection(socket, id, recorder))
            .on('error', fail)
            /* Without an answer or an error: a change to another protocol. */
            .on('close', () => {
                if (!answered) end({ outcome: 'other', detail: 'closed without an answer' });
            });
    });
}
