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

function complain(model, text) {
    process.stderr.write(`${model.name}: ${text}\n`);
}

/* Better before two hundred seconds of measurement than after. */
function checkWritable(path) {
    if (path !== undefined) closeSync(openSync(path, 'a'));
}

/* Takes away the file that says that all sleep, until they do. Nothing but a file. */
function removeStale(path) {
    if (path === undefined) return;
    if (isNoFile(path)) throw new Error(`--ready: ${path} is no regular file`);
    checkWritable(path);
    unlinkSync(path);
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
 * listens from the start: who sees the file for the result made may interrupt the run. */
class Stop {
    interrupted = false;
    #requests = new Set(); /* controllers of those in flight */
    #workload;
    #stop;

    constructor() {
        this.over = new Promise((stop) => (this.#stop = stop));
        for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
            process.once(signal, () => {
                this.interrupted = true; /* a second signal ends the program */
                this.#end();
            });
    }

    /* The deadline counts from now on. */
    begin(workload) {
        this.#workload = workload;
        if (workload.deadlineNs !== null)
            setTimeout(() => this.#end(), timerMs(workload.deadlineNs)).unref();
    }

    #end() {
        for (const controller of this.#requests) controller.abort('cancelled');
        this.#stop();
    }

    /* Calls `request` with a signal that aborts with the outcome as its reason. */
    async limit(request) {
        const controller = new AbortController();
        const timer = setTimeout(
            () => controller.abort('timeout'),
            timerMs(this.#workload.timeoutNs),
        );

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
async function measure(model, workload, stop) {
    const recorder = new Recorder(workload, stop);
    const heartbeat = workload.work === 'sleep' ? null : new Heartbeat();

    stop.begin(workload);
    heartbeat?.start();
    await Promise.race([model.run({ workload, recorder, stop, heartbeat }), stop.over]);
    const loop = heartbeat?.stop() ?? null;
    const measured = { ...takeCost(recorder), loop, interrupted: stop.interrupted };
    recorder.endAll('cancelled');
    const result = complete(model, workload, recorder, measured);

    const failed = write(result, workload, recorder, (text) => complain(model, text));
    if (result.interrupted) return STATUS.interrupted;
    return failed || !result.valid ? STATUS.failures : STATUS.ok;
}

/* `model`: name, summary, works (that it does), compute ("loop", "threads" or undefined), libraries
 * (keys of process.versions), concurrencyDefault() and workers(workload) where it has them, and
 * run(lane), which ends when every item has. */
export async function main(model) {
    const stop = new Stop();
    let workload;

    try {
        workload = parseOptions(model, process.argv.slice(2));
        for (const path of [workload.output, workload.records]) checkWritable(path);
        removeStale(workload.ready);
    } catch (error) {
        complain(model, error.message);
        process.exit(STATUS.usage);
    }
    try {
        checkLimits(workload);
    } catch (error) {
        complain(model, error.message);
        process.exit(STATUS.limits);
    }
    if (workload.computes) calibrate(workload);
    process.exit(await measure(model, workload, stop));
}
