/* C slots: each takes an item, awaits its end, and takes the next. */
import { setImmediate as nextTurn } from 'node:timers/promises';

/* A request, then what is computed with its answer; or one of them. */
async function perform(id, lane, { request, compute }) {
    const { workload, stop } = lane;
    let end = { outcome: 'ok' };

    if (workload.requestsUrl) end = await stop.limit((signal) => request(id, signal, lane));
    if (workload.computes && end.outcome === 'ok') end = await compute(id, lane);
    return end;
}

async function slot(index, lane, steps) {
    for (let id; (id = lane.recorder.take(index)) !== null; ) {
        lane.recorder.end(id, await perform(id, lane, steps));
        /* Where nothing is waited for, the loop must be let turn: signals come, timers run. */
        if (!lane.workload.requestsUrl) await nextTurn();
    }
}

/* `steps`: request(id, signal, lane) and compute(id, lane), which return how the item ended. */
export async function runItems(lane, steps) {
    const { concurrency, work, compute } = lane.workload;
    /* On a loop one item is computed after the other, whoever may wait for it. */
    const slots = work === 'cpu' && compute === 'loop' ? 1 : concurrency;

    await Promise.all(Array.from({ length: slots }, (_, index) => slot(index, lane, steps)));
}
