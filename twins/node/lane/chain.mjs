/* What an item computes: a chain of SHA-256 hashes. h(0) is 32 zero bytes, and h(k+1) the hash of a
 * block that holds h(k) and then zeros. Each hash needs the one before it. */
import * as crypto from 'node:crypto';

/* In one call since Node 20.12; before, an object for each hash. */
const sha256 = crypto.hash
    ? (block) => crypto.hash('sha256', block, 'buffer')
    : (block) => crypto.createHash('sha256').update(block).digest();

/* Makes the next rounds of the chain that `block` stands at. */
export function advance(block, rounds) {
    for (; rounds > 0; rounds--) sha256(block).copy(block);
}

const digestOf = (block) => block.toString('hex', 0, 32);

export function judge(digest, workload) {
    if (digest === workload.digest) return { outcome: 'ok' };
    return { outcome: 'bad_body', detail: 'the chain has come to another digest' };
}

/* Computes an item at once, on the thread that calls: its loop stands still until the end. About
 * every 50 us it looks whether the deadline has passed; signals it cannot hear. */
export function compute(id, { workload, recorder, heartbeat }) {
    const block = Buffer.alloc(workload.block);
    const stretch = 1 + Math.floor(65536 / (workload.block + 1024));

    heartbeat.blockedBy(id);
    for (let left = workload.rounds; left > 0; left -= stretch) {
        if (recorder.deadlinePassed()) return { outcome: 'cancelled' };
        advance(block, Math.min(stretch, left));
    }
    return judge(digestOf(block), workload);
}

/* The same for a worker thread, which is ended from outside. */
export function computeDigest({ rounds, block }) {
    const bytes = Buffer.alloc(block);

    advance(bytes, rounds);
    return digestOf(bytes);
}

function slice(block, rounds) {
    const before = process.cpuUsage();

    advance(block, rounds);
    const { user, system } = process.cpuUsage(before);
    return (user + system) * 1000;
}

/* The fastest of several slices: what disturbs one only makes it slower. */
function roundsIn(cpuNs, block) {
    let rounds = 1;
    let fastest = slice(block, rounds);

    while (fastest < 5e6) fastest = slice(block, (rounds *= 2));
    for (let i = 1; i < 15; i++) fastest = Math.min(fastest, slice(block, rounds));
    return Math.max(1, Math.round((cpuNs / fastest) * rounds));
}

/* Completes what the command line left open: the rounds, from the CPU time, and their result. */
export function calibrate(workload) {
    workload.rounds ??= roundsIn(workload.cpu, Buffer.alloc(workload.block));
    workload.digest ??= computeDigest(workload);
}
