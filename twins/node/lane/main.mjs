/* The program around a model: options, limits, signals, timing, result. The same for all. */
import { closeSync, openSync, unlinkSync } from 'node:fs';

import { calibrate } from './chain.mjs';
import { Heartbeat } from './heartbeat.mjs';
import { openFilesMax } from './machine.mjs';
import { parseOptions } from './options.mjs';
import { Recorder, isNoFile } from './recorder.mjs';
import { complete, takeCost, write } from './result.mjs';
import { timerMs } from './units.mjs';

const STATUS = { ok: 0, failures: 1, usage: 2, limits: 3, interrupted: 130 };
const DESCRIPTORS_BASE = 64; /* standard streams, files, the loop's own, the workers' */

/* Returns a function that calls another, tells of its error, and returns whether there was none. */
const attempter = (name) => (action) => {
    try {
        action();
        return true;
    } catch (error) {
        process.stderr.write(`${name}: ${error.message}\n`);
        return false;
    }
};

/* Better before two hundred seconds of measurement than after. */
function checkWritable(path) {
    if (path !== null) closeSync(openSync(path, 'a'));
}

/* Takes away the file that says that all sleep, until they do. Nothing but a file. */
function removeStale(path) {
    if (path === null) return;
    if (isNoFile(path)) throw new Error(`--ready: ${path} is no regular file`);
    checkWritable(path);
    unlinkSync(path);
}

function prepare(model) {
    const workload = parseOptions(model, process.argv.slice(2));

    checkWritable(workload.output);
    checkWritable(workload.records);
    removeStale(workload.ready);
    return workload;
}

/* Each request in flight holds a socket. */
function checkLimits({ requestsUrl, concurrency: c }) {
    const needed = DESCRIPTORS_BASE + c;

    if (!requestsUrl || needed <= openFilesMax()) return;
    throw new Error(
        `-c ${c} needs ${needed} open files (RLIMIT_NOFILE), but the limit is ${openFilesMax()}; ` +
            `raise it with: ulimit -Hn ${needed} (as root, in this shell), or lower -c`,
    );
}

/* What ends a run early. Each request has a signal of its own: thousands would listen to one. It
 * listens from the start of the program: who sees the files made may interrupt the run. */
class Stop {
    interrupted = false;
    #requests = new Set(); /* controllers of those in flight */
    #stop;
    #timeoutMs;

    constructor() {
        this.over = new Promise((stop) => (this.#stop = stop));
        for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
            process.once(signal, () => {
                this.interrupted = true; /* a second signal ends the program */
                this.#end();
            });
    }

    /* From now on the time of the run counts. */
    begin({ deadline, timeout }) {
        this.#timeoutMs = timerMs(timeout);
        if (deadline !== null) setTimeout(() => this.#end(), timerMs(deadline)).unref();
    }

    #end() {
        for (const controller of this.#requests) controller.abort('cancelled');
        this.#stop();
    }

    /* Calls `request` with a signal that aborts with the outcome as its reason. */
    async limit(request) {
        const controller = new AbortController();
        const timer = setTimeout(() => controller.abort('timeout'), this.#timeoutMs);

        this.#requests.add(controller);
        try {
            return await request(controller.signal);
        } finally {
            clearTimeout(timer);
            this.#requests.delete(controller);
        }
    }
}

/* Runs the model and accounts for every item. Returns the exit status. */
async function measure(model, workload, stop, attempt) {
    const recorder = new Recorder(workload, stop);
    const heartbeat = workload.work === 'sleep' ? null : new Heartbeat();

    stop.begin(workload);
    heartbeat?.start();
    await Promise.race([model.run({ workload, recorder, stop, heartbeat }), stop.over]);
    const loop = heartbeat?.stop() ?? null;
    const measured = { ...takeCost(recorder), loop, interrupted: stop.interrupted };
    recorder.endAll('cancelled');
    const result = complete(model, workload, recorder, measured);

    const written = write(result, workload, recorder, attempt);
    if (result.interrupted) return STATUS.interrupted;
    return written && result.valid ? STATUS.ok : STATUS.failures;
}

/* `model`: name, summary, works (that it does), compute ("loop", "threads" or undefined), libraries
 * (keys of process.versions, or of its own `versions`), concurrencyDefault() and workers(workload)
 * where it has them, and run(lane), which ends when every item has. */
export async function main(model) {
    const stop = new Stop();
    const attempt = attempter(model.name);
    let workload;

    if (!attempt(() => (workload = prepare(model)))) process.exit(STATUS.usage);
    if (!attempt(() => checkLimits(workload))) process.exit(STATUS.limits);
    if (workload.computes) calibrate(workload);
    process.exit(await measure(model, workload, stop, attempt));
}
