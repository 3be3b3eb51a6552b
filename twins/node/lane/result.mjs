/* The result of a run: lane.result/1 (its members are those of results/README.md), and as text. */
import { appendFileSync, writeSync } from 'node:fs';

import { cores, peakRssBytes } from './machine.mjs';
import { OUTCOMES } from './recorder.mjs';
import { formatTime, percentile } from './units.mjs';

export const VERSION = '0.1.0'; /* of the suite: VERSION in the Makefile */

/* The least time possible: all C wait and compute at once, but no more compute than there are
 * cores. Null where it is not known. */
function floorNs(workload) {
    const { requests: n, concurrency: c, latencyNs, computes } = workload;
    const waits = workload.work !== 'cpu';
    const wait = waits ? latencyNs : 0;
    const cpu = computes ? workload.cpuNs : 0;

    if (wait === null || cpu === null) return null;
    return Math.max(
        Math.ceil(n / c) * (wait + cpu),
        Math.ceil(n / Math.min(c, cores())) * cpu,
    );
}

/* Most items between start and end at one moment; an end comes before a start at the same time. */
function peak(starts, ends) {
    let most = 0;
    let ended = 0;

    starts.sort();
    ends.sort();
    for (let i = 0; i < starts.length; i++) {
        while (ended < ends.length && ends[ended] <= starts[i]) ended++;
        most = Math.max(most, i + 1 - ended);
    }
    return most;
}

function summarise(values) {
    const ns = (ms) => Math.round(ms * 1e6);
    const at = (perMille) => ns(percentile(values, perMille));

    if (values.length === 0) return null;
    values.sort();
    return {
        min: ns(values[0]),
        p50: at(500),
        p90: at(900),
        p99: at(990),
        p999: at(999),
        max: at(1000),
        mean: ns(values.reduce((sum, value) => sum + value, 0) / values.length),
    };
}

export class Result {
    #model;
    #workload;
    #recorder;
    #json;

    constructor(model, workload, recorder) {
        const versions = Object.entries(process.versions);

        this.#model = model;
        this.#workload = workload;
        this.#recorder = recorder;
        this.#json = {
            schema: 'lane.result/1',
            lane: model.name,
            version: VERSION,
            libraries: Object.fromEntries(
                versions.filter(([name]) => name === 'node' || model.libraries.includes(name)),
            ),
            started_at: new Date().toISOString(),
        };
    }

    get valid() {
        return this.#json.valid;
    }

    #describe() {
        const w = this.#workload;
        const ifComputing = (value) => (w.computes ? value : null);

        return {
            requests: w.requests,
            concurrency: w.concurrency,
            url: w.requestsUrl ? w.url : null,
            timeout_ns: w.timeoutNs,
            deadline_ns: w.deadlineNs,
            connections: w.fresh ? 'fresh' : 'reuse',
            verify: w.verify,
            latency_ns: w.latencyNs,
            work: w.work,
            cpu_ns: ifComputing(w.cpuNs),
            rounds: ifComputing(w.rounds),
            block_bytes: ifComputing(w.blockBytes),
            digest: ifComputing(w.digest),
            compute: ifComputing(w.compute),
            workers: ifComputing(w.workers),
            loops: null,
            gil: false,
        };
    }

    /* What the run has cost, at its end. */
    take(loop) {
        const { user, system } = process.cpuUsage();

        Object.assign(this.#json, {
            workload: this.#describe(),
            wall_ns: Math.round(this.#recorder.now() * 1e6),
            floor_ns: floorNs(this.#workload),
            user_cpu_ns: user * 1000,
            system_cpu_ns: system * 1000,
            max_rss_bytes: peakRssBytes(),
            loop,
        });
    }

    /* What the records say, all of which have ended. */
    complete(interrupted) {
        const { requests: n, startMs, endMs, connections } = this.#recorder;
        const { work, verify } = this.#workload;
        const outcomes = Object.fromEntries(OUTCOMES.map((name) => [name, 0]));
        const latencies = [];

        for (let id = 0; id < n; id++) {
            const outcome = this.#recorder.outcomeOf(id);
            outcomes[outcome]++;
            if (outcome === 'ok') latencies.push(endMs[id] - startMs[id]);
        }
        const started = (_, id) => startMs[id] !== 0;
        Object.assign(this.#json, {
            outcomes,
            verified: work !== 'io' || verify === 'id' ? outcomes.ok : 0,
            in_flight_peak: peak(startMs.filter(started), endMs.filter(started)),
            latency_ns: summarise(Float64Array.from(latencies)),
            connections_opened: connections,
            valid: outcomes.ok === n,
            interrupted,
            error: null,
        });
    }

    #summary() {
        const j = this.#json;
        const w = j.workload;
        const line = (what, text) => `  ${what.padEnd(12)} ${text}\n`;
        const share = (100 * (j.wall_ns / j.floor_ns - 1)).toFixed(1);
        const where = w.url ?? w.work;
        let text = `${j.lane}: ${w.requests} requests, ${w.concurrency} at once, ${where}\n`;

        text += line(
            'wall time',
            formatTime(j.wall_ns) +
                (j.floor_ns > 0 ? `   (floor ${formatTime(j.floor_ns)}, +${share} %)` : ''),
        );
        for (const name of OUTCOMES) {
            const ok = name === 'ok' && j.verified > 0 ? `${j.verified} verified` : undefined;
            const remark = ok ?? this.#recorder.examples.get(name);
            if (j.outcomes[name] > 0)
                text += line(name, j.outcomes[name] + (remark ? `   (${remark})` : ''));
        }
        text += line(
            'in flight',
            `${j.in_flight_peak} at most, ${j.connections_opened} connections (${w.connections})`,
        );
        if (j.latency_ns !== null) {
            const { p50, p99, max } = j.latency_ns;
            text += line(
                'latency',
                `p50 ${formatTime(p50)}, p99 ${formatTime(p99)}, max ${formatTime(max)}`,
            );
        }
        if (j.loop !== null) {
            const { p99, max } = j.loop.lateness_ns;
            text += line('loop', `late by ${formatTime(p99)} at p99, ${formatTime(max)} at most`);
        }
        text += line(
            'cost',
            `${formatTime(j.user_cpu_ns + j.system_cpu_ns)} of CPU time, ` +
                `${(j.max_rss_bytes / 1e6).toFixed(1)} MB`,
        );
        return text + (j.interrupted ? '  interrupted: the result is partial\n' : '');
    }

    /* Prints and writes what was asked for; true where something could not be written. */
    write(complain) {
        const { quiet, output, records } = this.#workload;
        let failed = false;

        const attempt = (wanted, action) => {
            try {
                if (wanted) action();
            } catch (error) {
                complain(error.message);
                failed = true;
            }
        };
        attempt(!quiet, () => writeSync(1, this.#summary()));
        attempt(output, () => appendFileSync(output, `${JSON.stringify(this.#json)}\n`));
        attempt(records, () => this.#recorder.writeCsv(records));
        return failed;
    }
}
