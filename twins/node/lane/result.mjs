/* The result of a run: lane.result/1 (schemas/lane-result.json), and as text. */
import { appendFileSync, writeSync } from 'node:fs';

import { cores, peakRssBytes } from './machine.mjs';
import { formatTime, percentiles } from './units.mjs';

export const VERSION = '0.1.0'; /* of the suite: VERSION in the Makefile */

const TWENTIETHS = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [i, 50 * (i + 1)]));

/* The least time possible: all C wait and compute at once, but no more compute than there are
 * cores. Null where it is not known. */
function floorNs({ requests, concurrency, work, latency, computes, cpu }) {
    const groups = (size) => Math.ceil(requests / size);

    if ((work !== 'cpu' && latency === null) || (computes && cpu === null)) return null;
    const item = (work === 'cpu' ? 0 : latency) + cpu;
    return Math.max(groups(concurrency) * item, groups(Math.min(concurrency, cores())) * cpu);
}

/* Most items between start and end at one moment; an end comes before a start at the same time. */
function peak({ startMs, endMs }) {
    const started = (_, id) => startMs[id] !== 0;
    const starts = startMs.filter(started).sort();
    const ends = endMs.filter(started).sort();
    let most = 0;
    let ended = 0;

    for (let i = 0; i < starts.length; i++) {
        while (ends[ended] <= starts[i]) ended++;
        most = Math.max(most, i + 1 - ended);
    }
    return most;
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
    const { requests, concurrency, work, rounds, digest, workers } = workload;
    const { node, ...versions } = { ...process.versions, ...model.versions };
    const outcomes = recorder.outcomes();
    const latencies = recorder.latenciesMs();

    return {
        schema: 'lane.result/1',
        lane: model.name,
        libraries: { node, ...Object.fromEntries(model.libraries.map((x) => [x, versions[x]])) },
        workload: { requests, concurrency, work, rounds, digest, workers },
        ...measured,
        floor_ns: floorNs(workload),
        outcomes,
        verified: workload.computes || workload.verify === 'id' ? outcomes.ok : 0,
        in_flight_peak: peak(recorder),
        latency_ns: latencies.length === 0
            ? null
            : {
                  ...percentiles(latencies, { p50: 500, p90: 900, p99: 990, max: 1000 }),
                  twentieths: Object.values(percentiles(latencies, TWENTIETHS)),
              },
        connections_opened: recorder.connections,
        resends: 0 /* neither library sends a request again: README.md */,
        valid: outcomes.ok === requests,
        error: null,
    };
}

/* Name and text of each line for people. */
function* lines(result, { connections }, { examples }) {
    const { wall_ns: wall, floor_ns: floor, latency_ns: latency, loop, verified } = result;
    const share = floor && (100 * (wall / floor - 1)).toFixed(1);
    const megabytes = (result.max_rss_bytes / 1e6).toFixed(1);
    const remarks = new Map(examples);

    yield ['wall time', formatTime(wall)
        + (floor ? `   (floor ${formatTime(floor)}, +${share} %)` : '')];
    if (verified > 0) remarks.set('ok', `${verified} verified`);
    for (const [name, count] of Object.entries(result.outcomes))
        if (count > 0) yield [name, count + (remarks.has(name) ? `   (${remarks.get(name)})` : '')];
    yield ['in flight', `${result.in_flight_peak} at most, `
        + `${result.connections_opened} connections (${connections})`];
    if (latency !== null)
        yield ['latency', `p50 ${formatTime(latency.p50)}, p99 ${formatTime(latency.p99)}, `
            + `max ${formatTime(latency.max)}`];
    if (loop !== null)
        yield ['loop', `late by ${formatTime(loop.lateness_ns.p99)} at p99, `
            + `${formatTime(loop.lateness_ns.max)} at most`];
    yield ['cost', `${formatTime(result.user_cpu_ns + result.system_cpu_ns)} of CPU time, `
        + `${megabytes} MB`];
}

function summary(result, workload, recorder) {
    const { lane, workload: { requests, concurrency, work }, interrupted } = result;
    const where = workload.requestsUrl ? workload.url : work;
    const text = [...lines(result, workload, recorder)].map(
        ([what, value]) => `  ${what.padEnd(12)} ${value}\n`,
    );

    return `${lane}: ${requests} requests, ${concurrency} at once, ${where}\n${text.join('')}`
        + (interrupted ? '  interrupted: the result is partial\n' : '');
}

/* Prints and writes what was asked for. `attempt` tells of an error, and returns whether there was
 * none; so does this function. */
export function write(result, workload, recorder, attempt) {
    const { quiet, output, records } = workload;
    const done = [
        quiet || attempt(() => writeSync(1, summary(result, workload, recorder))),
        !output || attempt(() => appendFileSync(output, `${JSON.stringify(result)}\n`)),
        !records || attempt(() => recorder.writeCsv(records)),
    ];
    return done.every(Boolean);
}
