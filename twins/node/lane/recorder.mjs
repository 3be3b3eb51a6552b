/* Hands out the ids 0 … N-1, and keeps a record of each: times in ms since the start, in arrays
 * that take no memory until they are written. */
import { renameSync, statSync, writeFileSync } from 'node:fs';

import { formatTime } from './units.mjs';

export const OUTCOMES = [
    'ok',
    'timeout',
    'connect',
    'reset',
    'truncated',
    'http_status',
    'bad_body',
    'cancelled',
    'other',
];
const PENDING = 0; /* else the index of the outcome, and 1 */

/* A device or a pipe, in whose place no file must come. */
export function isNoFile(path) {
    const status = statSync(path, { throwIfNoEntry: false });

    return status !== undefined && !status.isFile();
}

export class Recorder {
    examples = new Map(); /* outcome -> what was seen of the first that ended so */
    connections = 0;
    ended = 0;
    #next = 0;
    #stop;
    #deadlineMs;
    #progress;
    #shownAt = 0;
    #connectedMs;
    #firstByteMs;

    constructor({ requests, deadlineNs, progress }, stop) {
        this.requests = requests;
        this.#stop = stop;
        this.#progress = progress;
        this.#deadlineMs = deadlineNs === null ? Infinity : deadlineNs / 1e6;
        this.startMs = new Float64Array(requests);
        this.endMs = new Float64Array(requests);
        this.worker = new Uint32Array(requests);
        this.outcome = new Uint8Array(requests);
        this.#connectedMs = new Float64Array(requests);
        this.#firstByteMs = new Float64Array(requests);
        this.origin = performance.now();
    }

    now() {
        return performance.now() - this.origin;
    }

    deadlinePassed() {
        return this.now() >= this.#deadlineMs;
    }

    /* The next id, or null when all are taken or the run is over. */
    take(worker) {
        if (this.#next >= this.requests || this.#stop.interrupted || this.deadlinePassed())
            return null;
        const id = this.#next++;
        if (worker !== 0) this.worker[id] = worker;
        this.startMs[id] = this.now();
        return id;
    }

    connected(id) {
        this.#connectedMs[id] = this.now();
    }

    firstByte(id) {
        this.#firstByteMs[id] = this.now();
    }

    connectionOpened() {
        this.connections++;
    }

    /* Ends an item, once: a second end is ignored. */
    end(id, { outcome, detail }) {
        if (this.outcome[id] !== PENDING) return;
        this.endMs[id] = this.now();
        this.outcome[id] = OUTCOMES.indexOf(outcome) + 1;
        this.ended++;
        if (detail !== undefined && !this.examples.has(outcome))
            this.examples.set(outcome, `request ${id}: ${detail}`);
        if (this.#progress) this.#showProgress();
    }

    /* Ends what has not ended, started or not: afterwards the outcomes add up to N. */
    endAll(outcome) {
        for (let id = 0; id < this.requests; id++) this.end(id, { outcome });
    }

    outcomeOf(id) {
        return OUTCOMES[this.outcome[id] - 1];
    }

    #showProgress() {
        const now = this.now();
        const { ended, requests: n } = this;

        if (ended < n && now - this.#shownAt < 100) return;
        this.#shownAt = now;
        const left = formatTime((now / ended) * (n - ended) * 1e6);
        const end = ended === n ? '\n' : '';
        process.stderr.write(`\r${ended} of ${n} requests, ${left} left  ${end}`);
    }

    /* Writes all records as a whole new file, or to the device that is there. */
    writeCsv(path) {
        const rows = ['id,worker,start_ns,connected_ns,first_byte_ns,end_ns,outcome'];
        const ns = (ms) => (ms === 0 ? '' : Math.round(ms * 1e6));

        for (let id = 0; id < this.requests; id++) {
            const started = this.startMs[id] !== 0;
            const times = [this.startMs, this.#connectedMs, this.#firstByteMs, this.endMs];
            const fields = times.map((values) => ns(values[id])).join(',');
            rows.push(`${id},${started ? this.worker[id] : ''},${fields},${this.outcomeOf(id)}`);
        }
        const target = isNoFile(path) ? path : `${path}.new`;
        writeFileSync(target, `${rows.join('\n')}\n`);
        if (target !== path) renameSync(target, path);
    }
}
