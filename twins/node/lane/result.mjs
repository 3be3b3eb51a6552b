/* The result of a run: lane.result/1 (schemas/lane-result.json), and as text. */
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
    const at = (perMille) => Math.round(percentile(values, perMille) * 1e6);

    if (values.length === 0) return null;
    values.sort();
    return { p50: at(500), p90: at(900), p99: at(990), max: at(1000) };
}

/* What the run has cost, at its end. */
export function takeCost(recorder) {
    const wall = recorder.now();
    const { user, system } = process.cpuUsage();

    return {
        wall_ns: Math.round(wall * 1e6),
        user_cpu_ns: user * 1000,
        system_cpu_ns: system * 1000,
        max_rss_bytes: peakRssBytes(),
    };
}

/* The result of a run whose items have all ended: `measured`, and what the records say. */
export function complete(model, workload, recorder, measured) {
    const { requests, concurrency, work, computes } = workload;
    const { startMs, endMs } = recorder;
    const versions = Object.entries(process.versions);
    const outcomes = Object.fromEntries(OUTCOMES.map((name) => [name, 0]));
    const latencies = [];

    for (let id = 0; id < requests; id++) {
        const outcome = recorder.outcomeOf(id);
        outcomes[outcome]++;
        if (outcome === 'ok') latencies.push(endMs[id] - startMs[id]);
    }
    const started = (_, id) => startMs[id] !== 0;
    const ifComputing = (value) => (computes ? value : null);
    return {
        schema: 'lane.result/1',
        lane: model.name,
        libraries: Object.fromEntries(
            versions.filter(([name]) => name === 'node' || model.libraries.includes(name)),
        ),
        workload: {
            requests,
            concurrency,
            work,
            rounds: ifComputing(workload.rounds),
            digest: ifComputing(workload.digest),
            workers: ifComputing(workload.workers),
        },
        ...measured,
        floor_ns: floorNs(workload),
        outcomes,
        verified: work !== 'io' || workload.verify === 'id' ? outcomes.ok : 0,
        in_flight_peak: peak(startMs.filter(started), endMs.filter(started)),
        latency_ns: summarise(Float64Array.from(latencies)),
        connections_opened: recorder.connections,
        valid: outcomes.ok === requests,
        error: null,
    };
}

function summary(result, workload, recorder) {
    const line = (what, text) => `  ${what.padEnd(12)} ${text}\n`;
    const { wall_ns: wall, floor_ns: floor, latency_ns: latency, loop } = result;
    const share = (100 * (wall / floor - 1)).toFixed(1);
    const where = workload.requestsUrl ? workload.url : workload.work;
    const cpu = formatTime(result.user_cpu_ns + result.system_cpu_ns);
    let text = `${result.lane}: ${workload.requests} requests, `;

    text += `${workload.concurrency} at once, ${where}\n`;
    text += line(
        'wall time',
        formatTime(wall) + (floor > 0 ? `   (floor ${formatTime(floor)}, +${share} %)` : ''),
    );
    for (const [name, count] of Object.entries(result.outcomes)) {
        const ok = name === 'ok' && result.verified > 0 ? `${result.verified} verified` : undefined;
        const remark = ok ?? recorder.examples.get(name);
        if (count > 0) text += line(name, count + (remark ? `   (${remark})` : ''));
    }
    text += line(
        'in flight',
        `${result.in_flight_peak} at most, ${result.connections_opened} connections ` +
            `(${workload.fresh ? 'fresh' : 'reuse'})`,
    );
    if (latency !== null) {
        const [p50, p99, max] = [latency.p50, latency.p99, latency.max].map(formatTime);
        text += line('latency', `p50 ${p50}, p99 ${p99}, max ${max}`);
    }
    if (loop !== null) {
        const { p99, max } = loop.lateness_ns;
        text += line('loop', `late by ${formatTime(p99)} at p99, ${formatTime(max)} at most`);
    }
    text += line('cost', `${cpu} of CPU time, ${(result.max_rss_bytes / 1e6).toFixed(1)} MB`);
    return text + (result.interrupted ? '  interrupted: the result is partial\n' : '');
}

/* Prints and writes what was asked for; true where something could not be written. */
export function write(result, workload, recorder, complain) {
    const { quiet, output, records } = workload;
    let failed = false;

    const attempt = (wanted, action) => {
        try {
            if (wanted) action();
        } catch (error) {
            complain(error.message);
            failed = true;
        }
    };
    attempt(!quiet, () => writeSync(1, summary(result, workload, recorder)));
    attempt(output, () => appendFileSync(output, `${JSON.stringify(result)}\n`));
    attempt(records, () => recorder.writeCsv(records));
    return failed;
}
