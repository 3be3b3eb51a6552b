#!/usr/bin/env node
/* WebSockets on the event loop, with the package ws: each is open until its message comes, which is
 * verified and sent back; the server closes with 1000 where that is right. */
import { needs } from './lane/machine.mjs';
import { main } from './lane/main.mjs';
import { check, outcomeOf } from './lane/request.mjs';
import { runItems } from './lane/slots.mjs';

const [WebSocket, version] = needs('ws', 'node-ws');

/* What a close means, of which 1006 is one without a word. */
function judge(code, answered) {
    if (code === 1006) return { outcome: 'reset', detail: 'the connection ended' };
    if (answered && code === 1000) return { outcome: 'ok' };
    return { outcome: 'http_status', detail: `closed with ${code}` };
}

function request(id, signal, { workload, recorder }) {
    return new Promise((end) => {
        const url = workload.urlOf(id).replace(/^http:/, 'ws:');
        const socket = new WebSocket(url, { perMessageDeflate: false });
        let answered = false;

        /* The first call counts. */
        function finish(found) {
            end(found);
            socket.terminate();
        }

        function receive(data) {
            const text = data.toString();

            if (answered || text.startsWith('{"chat"')) return;
            recorder.firstByte(id);
            const found = check(200, text, id, workload);
            answered = found.outcome === 'ok';
            if (answered) socket.send(text);
            else finish(found);
        }

        signal.addEventListener('abort', () => finish({ outcome: signal.reason }));
        socket.on('open', () => {
            recorder.connected(id);
            recorder.connectionOpened();
        });
        socket.on('message', receive);
        socket.on('close', (code) => finish(judge(code, answered)));
        socket.on('error', (error) => finish(outcomeOf(error, signal, false)));
        socket.on('unexpected-response', (_, { statusCode: status }) =>
            finish({ outcome: 'http_status', detail: `status ${status}` }));
    });
}

main({
    name: 'node-ws',
    summary: 'of WebSockets, all on one event loop',
    works: ['websocket'],
    libraries: ['ws', 'v8'],
    versions: { ws: version },
    run: (lane) => runItems(lane, { request }),
});
