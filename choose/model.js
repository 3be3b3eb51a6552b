// The predictor of `choose` (simulate.c, predict.c), event by event, for the explorer. All times
// are in ns. A test holds the two against each other on random inputs.
"use strict";

const NORMAL_P99 = 2.3263478740408408;
const SIMULATED_MIN = 20000, SIMULATED_C = 4, TURNS_MAX = 64;
const SLEEP_NS = 1e4, COLD_NS = 1e7, COLD = 3, ARENAS = 8;

// ---- Waits, drawn as the mock server draws them (draw.c, latency.c), with the seed 1 ----------

const mask = (1n << 64n) - 1n;

function mix(value) {
    value = ((value ^ value >> 30n) * 0xbf58476d1ce4e5b9n) & mask;
    value = ((value ^ value >> 27n) * 0x94d049bb133111ebn) & mask;
    return value ^ value >> 31n;
}

function draw(id, purpose) {
    let state = 0n;

    for (const value of [1n, BigInt(id), 0n, purpose])
        state = mix((state + 0x9e3779b97f4a7c15n * (value + 1n)) & mask);
    return (Number(state >> 12n) + 0.5) * 2 ** -52;
}

const drawn = [];

function drawnFor(id) {
    while (drawn.length <= id) {
        const u = draw(drawn.length, 0n), angle = draw(drawn.length, 1n);

        drawn.push({u, z: Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * angle)});
    }
    return drawn[id];
}

function waitOf(load, id) {
    const {kind, a, b} = load.latency;

    if (kind === "fixed")
        return a;
    if (kind === "uniform")
        return Math.round(a + drawnFor(id).u * (b - a));
    return Math.round(a * Math.exp(Math.log(b / a) / NORMAL_P99 * drawnFor(id).z));
}

// ---- The simulation ---------------------------------------------------------------------------

class Events {
    heap = [];

    add(at, slot, step) {
        const heap = this.heap;
        let place = heap.length;

        for (; place > 0 && at < heap[(place - 1) >> 1].at; place = (place - 1) >> 1)
            heap[place] = heap[(place - 1) >> 1];
        heap[place] = {at, slot, step};
    }

    next() {
        const heap = this.heap, first = heap[0], last = heap.pop();
        let place = 0;

        for (let child; (child = 2 * place + 1) < heap.length; place = child) {
            if (child + 1 < heap.length && heap[child + 1].at < heap[child].at)
                child++;
            if (heap[child].at >= last.at)
                break;
            heap[place] = heap[child];
        }
        if (heap.length > 0)
            heap[place] = last;
        return first;
    }
}

function firstFree(crew) {
    let first = 0;

    for (let i = 1; i < crew.length; i++)
        if (crew[i] < crew[first])
            first = i;
    return first;
}

function doBy(crew, who, now, duration) {
    return crew[who] = Math.max(now, crew[who]) + duration;
}

// Calls trace(slot, kind, from, to) for each stretch, where it is given. Returns when the last item
// ends, how long after each other the later ones are begun, and how often a core was idle.
function simulate(load, shape, costs, trace = () => {}) {
    const slots = Math.min(load.concurrency, load.requests), events = new Events();
    const finishers = Array(shape.width).fill(0), computers = Array(shape.beside).fill(0);
    const connected = [], left = [];
    const middle = load.requests - 1 - Math.floor(load.requests / 2 / slots) * slots;
    let begun = 0, connections = 0, inFlight = 0, served = 0, end = 0;
    let middleBegun = 0, lastBegun = 0, wakes = 0;

    // The server reads one request after the other, on a core of its own or of ours.
    function begin(slot, who, now) {
        if (begun === load.requests)
            return;
        const item = begun++, serve = costs.serve + (connected[slot] ? 0 : costs.accept);
        const ours = shape.crowded ? serve : 0;

        lastBegun = now;
        if (item === middle)
            middleBegun = now;
        let cost = costs.before + ours, sent;

        inFlight++;
        connections += !connected[slot];
        if (!connected[slot])
            cost += costs.connect;
        connected[slot] = !load.fresh;
        if (connected[slot] && !shape.inTurns)
            cost += costs.crowd * connections;
        sent = doBy(finishers, who, now, cost) - ours;
        served = Math.max(served, sent) + serve;
        const answered = served + costs.jostle * Math.sqrt(inFlight) + waitOf(load, item);

        trace(slot, "wait", sent, answered);
        events.add(answered, slot, finish);
    }

    function ended(slot, now) {
        end = Math.max(end, now);
    }

    function compute(slot, now, after) {
        const who = firstFree(finishers), slice = Math.max(costs.slice, load.own / TURNS_MAX);
        const turn = shape.inTurns ? Math.min(left[slot], slice) : left[slot];

        left[slot] -= turn;
        now = doBy(finishers, who, now, after + turn);
        trace(slot, "work", now - after - turn, now);
        if (left[slot] > 0)
            return events.add(now, slot, (s, at) => compute(s, at, 0));
        ended(slot, now);
        begin(slot, who, now);
    }

    function finish(slot, now) {
        const who = firstFree(finishers);
        let after;

        inFlight--;
        after = costs.after + (load.fresh ? costs.throng * inFlight : 0) +
            (load.own > 0 ? costs.hand : 0);
        if (shape.beside > 0 && load.own > 0) {
            now = doBy(finishers, who, now, after);
            now = doBy(computers, firstFree(computers), now, load.own);
            trace(slot, "work", now - load.own, now);
            return events.add(now, slot, computed);
        }
        left[slot] = load.own;
        compute(slot, now, after);
    }

    function computed(slot, now) {
        ended(slot, now);
        begin(slot, firstFree(finishers), now);
    }

    function makeSlot(slot, now) {
        const from = now;

        now = doBy(finishers, firstFree(finishers), now, costs.slot);
        trace(slot, "start", from, now);
        if (slot + 1 < slots)
            events.add(now, slot + 1, makeSlot);
        events.add(now, slot, (s, at) => begin(s, firstFree(finishers), at));
    }

    events.add(costs.start, 0, makeSlot);
    while (events.heap.length > 0) {
        const event = events.next();
        const idle = Math.max(0, event.at - finishers[firstFree(finishers)]);

        wakes += Math.min(1, idle / SLEEP_NS) + COLD * Math.min(1, idle / COLD_NS);
        event.step(event.slot, event.at);
    }
    return {end, wakes, each: (lastBegun - middleBegun) / Math.max(1, load.requests - 1 - middle)};
}

// ---- Predictions ------------------------------------------------------------------------------

function costsOf(lane) {
    const names = "start slot connect before after crowd throng serve accept hand jostle slice"
        .split(" ");

    return Object.fromEntries(names.map((name) => [name, lane[name + "_ns"]]));
}

const noCosts = Object.fromEntries(Object.keys(costsOf({})).map((name) => [name, 0]));

// `form` is one of a model's: {compute, loops}.
function shapeOf(lane, form, cores) {
    const python = lane.language === "python", pool = form.compute !== undefined;
    const tasks = lane.model === "threads" || lane.model === "procs";
    const shape = {width: cores, beside: 0, inTurns: tasks};

    if (lane.model === "sync" || (python && lane.model === "threads"))
        shape.width = 1;
    else if (!tasks && lane.language !== "go")
        shape.width = Math.min(form.loops || 1, cores);
    shape.crowded = shape.width === cores;
    if (pool)
        shape.beside = cores;
    return shape;
}

function simulateAll(load, shape, costs) {
    const most = Math.max(load.concurrency * SIMULATED_C, SIMULATED_MIN);
    const rounds = Math.floor(Math.max(0, load.requests - most) / load.concurrency);
    const more = rounds * load.concurrency, requests = load.requests - more;
    const {end, each, wakes} = simulate({...load, requests}, shape, costs);

    return {wall: end + more * each, wakes: wakes * (1 + more / requests)};
}

// Of `load.own` as the user says it, in the lane's language.
function predict(lane, form, load, cores) {
    const shape = shapeOf(lane, form, cores), slots = Math.min(load.concurrency, load.requests);
    const fresh = load.fresh || load.concurrency >= load.requests;
    const own = load.own * (lane.language === "c" ? lane.compute : 1);
    const {wall, wakes} = simulateAll({...load, own, fresh}, shape, costsOf(lane));
    const waiting = simulateAll({...load, own: 0, fresh}, shape, noCosts).wall;
    const computing = own * load.requests / Math.min(shape.beside || shape.width, slots);
    const off = lane.wall_error * (slots > lane.concurrency ? 2 : 1);

    return {
        wall,
        waiting,
        wallError: off * (0.1 * Math.max(0, wall - Math.max(waiting, computing)) +
            0.02 * computing + 0.005 * wall),
        memory: lane.memory_base_bytes + lane.memory_slot_bytes * slots +
            lane.memory_arena_bytes *
                (lane.model === "threads" ? Math.min(slots, ARENAS * cores) : 0),
        memoryError: lane.memory_error,
        cpu: lane.cpu_base_ns + lane.cpu_slot_ns * slots + lane.cpu_wake_ns * wakes +
            (lane.cpu_item_ns + (fresh ? lane.cpu_connect_ns : 0) + own) * load.requests,
    };
}
