/* Hands out the ids 0 … N-1, and keeps a record of each: times in ms since the start, in arrays
 * that take no memory until they are written. */
import { renameSync, statSync, writeFileSync } from 'node:fs';

const PENDING = 0; /* else the index of the outcome in this list */
const OUTCOMES = [
    'pending', 'ok', 'timeout', 'connect', 'reset', 'truncated', 'http_status', 'bad_body',
    'cancelled', 'other',
];

/* A device or a pipe, in whose place no file must come. */
export function isNoFile(path) {
    return statSync(path, { throwIfNoEntry: false })?.isFile() === false;
}

export class Recorder {
    examples = new Map(); /* outcome -> what was seen of the first that ended so */
    connections = 0; /* opened */
    ended = 0;
    #next = 0;
    #workload;
    #stop;

    constructor(workload, stop) {
        const times = () => new Float64Array(workload.requests);

        this.#workload = workload;
        this.#stop = stop;
        this.startMs = times();
        this.connectedMs = times();
        this.firstByteMs = times();
        this.endMs = times();
        this.worker = new Uint32Array(workload.requests);
        this.outcome = new Uint8Array(workload.requests);
        this.origin = performance.now();
    }

    now() {
        return performance.now() - this.origin;
    }

    deadlinePassed() {
        return this.now() >= (this.#workload.deadline ?? Infinity) / 1e6;
    }

    /* The next id, or null when all are taken or the run is over. */
    take(worker) {
        const { requests } = this.#workload;

        if (this.#next >= requests || this.#stop.interrupted || this.deadlinePassed()) return null;
        const id = this.#next++;
        if (worker !== 0) this.worker[id] = worker;
        this.startMs[id] = this.now();
        return id;
    }

    connected(id) {
        this.connectedMs[id] = this.now();
    }

    firstByte(id) {
        this.firstByteMs[id] = this.now();
    }

    connectionOpened() {
        this.connections++;
    }

    /* Ends an item, once: a second end is ignored. */
    end(id, { outcome, detail }) {
        if (this.outcome[id] !== PENDING) return;
        this.endMs[id] = this.now();
        this.outcome[id] = OUTCOMES.indexOf(outcome);
        this.ended++;
        if (detail !== undefined && !this.examples.has(outcome))
            this.examples.set(outcome, `request ${id}: ${detail}`);
    }

    /* Ends what has not ended, started or not: afterwards the outcomes add up to N. */
    endAll(outcome) {
        for (let id = 0; id < this.outcome.length; id++) this.end(id, { outcome });
    }

    /* How many items ended in which way. */
    outcomes() {
        const counts = new Array(OUTCOMES.length).fill(0);

        for (const outcome of this.outcome) counts[outcome]++;
        return Object.fromEntries(OUTCOMES.map((name, i) => [name, counts[i]]).slice(PENDING + 1));
    }

    /* Times from start to end of the items that ended well. */
    latenciesMs() {
        const ok = OUTCOMES.indexOf('ok');

        return this.endMs.map((end, id) => end - this.startMs[id])
            .filter((_, id) => this.outcome[id] === ok);
    }

    /* Writes all records as a whole new file, or to the device that is there. */
    writeCsv(path) {
        const rows = ['id,worker,start_ns,connected_ns,first_byte_ns,end_ns,outcome,resends'];
        const times = [this.startMs, this.connectedMs, this.firstByteMs, this.endMs];
        const ns = (ms) => (ms === 0 ? '' : Math.round(ms * 1e6));

        for (const [id, outcome] of this.outcome.entries()) {
            const worker = this.startMs[id] === 0 ? '' : this.worker[id];
            rows.push([id, worker, ...times.map((ms) => ns(ms[id])), OUTCOMES[outcome], 0].join());
        }
        const target = isNoFile(path) ? path : `${path}.new`;
        writeFileSync(target, `${rows.join('\n')}\n`);
        if (target !== path) renameSync(target, path);
    }
}
