// The explorer: sliders, one table, timelines and two charts. `run` is what choose --explorer puts
// before this file: {parameters, forms (from the simplest one on), points that were measured}.
"use strict";

// Of Okabe and Ito, which can be told apart without seeing red or green.
const colours = {sync: "#999999", threads: "#e69f00", async: "#0072b2", procs: "#cc79a7",
    co: "#009e73"};
const SHOWN_SLOTS = 12, PLAY_MS = 8000, NAME_HEIGHT = 14;
const get = (id) => document.getElementById(id);

// ---- Figures as text --------------------------------------------------------------------------

function withUnit(value, units) {
    const [name, factor] = units.find(([, least]) => value >= least * 0.9995) || units.at(-1);
    const figure = value / factor;

    return figure.toFixed(figure >= 99.95 ? 0 : figure >= 9.995 ? 1 : 2) + " " + name;
}

const time = (ns) => ns === 0 ? "0"
    : withUnit(ns, [["h", 3600e9], ["min", 60e9], ["s", 1e9], ["ms", 1e6], ["µs", 1e3]]);
const size = (bytes) => Number.isFinite(bytes)
    ? withUnit(bytes, [["GB", 1e9], ["MB", 1e6], ["KB", 1e3]]) : "–";
const count = (n) => n.toLocaleString("en");

// ---- What is asked ----------------------------------------------------------------------------

function rounded(id) {
    const value = 10 ** get(id).value;
    const digits = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);

    return Math.round(value / digits) * digits;
}

function asked() {
    const a = rounded("latency"), tail = +get("tail").value, requests = rounded("requests");

    return {
        load: {
            requests, concurrency: Math.min(rounded("concurrency"), requests),
            latency: {kind: tail > 1 ? "lognormal" : "fixed", a, b: a * tail},
            own: get("own").value * 1e6, fresh: false,
        },
        cores: +get("cores").value,
        memory: get("memory").value < 10.5 ? rounded("memory") : Infinity,
        language: get("language").value,
    };
}

function sayInputs(q) {
    const said = {
        requests: count(q.load.requests), concurrency: count(q.load.concurrency),
        latency: time(q.load.latency.a), own: time(q.load.own), cores: q.cores,
        tail: q.load.latency.kind === "fixed" ? "always the same" : time(q.load.latency.b),
        memory: q.memory === Infinity ? "none" : size(q.memory),
    };

    for (const [id, text] of Object.entries(said)) {
        get(id).parentElement.querySelector("b").textContent = text;
        get(id).setAttribute("aria-valuetext", text);
    }
    get("command").textContent = `build/choose -n ${q.load.requests} --latency ` +
        (q.load.latency.kind === "fixed" ? "" : "lognormal:median=") + `${q.load.latency.a}ns` +
        (q.load.latency.kind === "fixed" ? "" : `,p99=${q.load.latency.b}ns`) +
        ` --cpu ${q.load.own}ns --cores ${q.cores} --in-flight ${q.load.concurrency}` +
        ` --language ${q.language}`;
}

// ---- What comes out ---------------------------------------------------------------------------

function suits(form, lane, q) {
    const c = lane.language === "c";

    if (form.model !== lane.model || (form.compute && q.load.own === 0) ||
        (form.many && q.cores < 2))
        return false;
    return form.compute === "threads" ? c : form.compute ? c || lane.language === "python"
        : c || !form.many;
}

function candidatesFor(q) {
    return run.parameters.lanes.filter((lane) => lane.language === q.language).flatMap((lane) =>
        run.forms.filter((form) => suits(form, lane, q)).map((form) => ({
            lane, form: {...form, loops: form.many ? q.cores : 0},
            simplicity: run.forms.indexOf(form),
            name: form.name + (q.language === "c" ? "" : ` (${lane.lane})`),
        })));
}

function predictFor(candidate, q, concurrency) {
    const load = {...q.load, concurrency: candidate.lane.model === "sync" ? 1 : concurrency};

    return predict(candidate.lane, candidate.form, load, q.cores);
}

// The simplest of those that are not clearly slower than the fastest, as choose does.
function pick(all) {
    const fastest = all.reduce((a, b) => a.p.wall <= b.p.wall ? a : b);

    for (const one of all) {
        const more = one.p.wall - fastest.p.wall;

        const open = more <= Math.hypot(one.p.wallError, fastest.p.wallError);

        one.equal = more <= (open ? 0.03 : 0.02) * fastest.p.wall;
    }
    return all.filter((one) => one.equal).reduce((a, b) => a.simplicity <= b.simplicity ? a : b);
}

function row(cells, kind, take) {
    const line = document.createElement("tr");

    line.className = take ? "take" : "";
    for (const text of cells)
        line.appendChild(document.createElement(kind)).textContent = text;
    return line;
}

function showTable(all, taken, q) {
    get("table").replaceChildren(
        row(["model", "wall, predicted", "waits alone", "CPU", "memory", ""], "th"),
        ...[...all].sort((a, b) => a.p.wall - b.p.wall).map((one) => row([
            one.name, `${time(one.p.wall)} ± ${time(one.p.wallError)}`, time(one.p.waiting),
            time(one.p.cpu), size(one.p.memory),
            one === taken ? "← take this" : one.p.memory > q.memory ? "too much memory"
                : one.equal ? "no clear difference" : ""], "td", one === taken)));
    get("answer").textContent = taken
        ? `Take: ${taken.name}. ` + (taken.p.waiting > 0.8 * taken.p.wall
            ? `Waiting dominates: ${time(taken.p.waiting)} of ${time(taken.p.wall)}, in any model.`
            : `Beside waiting (${time(taken.p.waiting)}) computing and the calls themselves ` +
              `take ${time(taken.p.wall - taken.p.waiting)}.`)
        : "None of them fits within the memory.";
}

// ---- Pictures ---------------------------------------------------------------------------------

function draw2(parent, name, attributes, text) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);

    for (const [key, value] of Object.entries(attributes))
        element.setAttribute(key, value);
    if (text !== undefined)
        element.textContent = text;
    return parent.appendChild(element);
}

function showTimelines(all, q) {
    const svg = get("timelines"), width = Math.max(340, svg.clientWidth), left = 8;
    const rows = Math.min(SHOWN_SLOTS, q.load.concurrency);
    const shown = all.filter((one) => !one.form.compute && !one.form.many);
    const longest = Math.max(...shown.filter((one) => one.lane.model !== "sync" ||
        shown.length === 1).map((one) => one.p.wall));
    const x = (ns) => left + (width - 2 * left) * Math.min(1, ns / longest);
    const few = {...q.load, requests: Math.min(q.load.requests, 3000)};
    let y = 0;

    svg.replaceChildren();
    const clip = draw2(draw2(svg, "clipPath", {id: "until"}), "rect",
        {x: 0, y: 0, width, height: 9999});
    for (const one of shown) {
        const height = one.lane.model === "sync" ? 1 : rows, each = Math.max(3, 48 / height);
        const concurrency = one.lane.model === "sync" ? 1 : q.load.concurrency;
        const own = few.own * (q.language === "c" ? one.lane.compute : 1);
        const group = draw2(svg, "g", {"clip-path": "url(#until)"});

        draw2(svg, "text", {x: left, y: y + 14},
            `${one.name}: ${time(one.p.wall)}` +
            (one.p.wall > longest ? ", beyond the edge" : ""));
        simulate({...few, own, concurrency, fresh: concurrency >= few.requests},
            shapeOf(one.lane, one.form, q.cores), costsOf(one.lane), (slot, kind, from, to) => {
                if (slot < height && from < longest)
                    draw2(group, "rect", {x: x(from), y: y + 20 + slot * each,
                        width: Math.max(0.5, x(to) - x(from)), height: each - 1,
                        fill: kind === "wait" ? "var(--wait)" : "var(--work)"});
            });
        y += 30 + height * each;
    }
    for (let i = 0; i <= 4; i++)
        draw2(svg, "text", {x: x(longest * i / 4), y: y + 14, class: "muted",
            "text-anchor": ["start", "middle", "middle", "middle", "end"][i]},
        time(longest * i / 4));
    svg.setAttribute("viewBox", `0 0 ${width} ${y + 20}`);
    svg.setAttribute("aria-label", "Timelines: " +
        shown.map((one) => `${one.name} ends after ${time(one.p.wall)}`).join("; "));
    return clip;
}

function play(clip) {
    const from = performance.now(), width = clip.getAttribute("width");

    if (matchMedia("(prefers-reduced-motion: reduce)").matches)
        return;
    requestAnimationFrame(function step(now) {
        clip.setAttribute("width", width * Math.min(1, (now - from) / PLAY_MS));
        if (now - from < PLAY_MS && clip.isConnected)
            requestAnimationFrame(step);
    });
}

const CHART = {width: 460, height: 300, left: 70, right: 92, top: 10, bottom: 40};

// Both axes are logarithmic. A line is {colour, dash, points: [[c, y], ...], dots: likewise}.
function showChart(id, title, lines, format, q) {
    const svg = get(id), {width, height, left, right, top, bottom} = CHART;
    const all = lines.flatMap((line) => [...line.points, ...line.dots]).map((point) => point[1]);
    const low = Math.log10(Math.min(...all)) - 0.1, high = Math.log10(Math.max(...all)) + 0.1;
    const x = (c) => left + (width - left - right) * Math.log10(c) / 4;
    const y = (v) => height - bottom -
        (height - bottom - top) * (Math.log10(v) - low) / (high - low);

    svg.replaceChildren();
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("aria-label", title + " against C. " +
        lines.filter((line) => line.points.length > 0).map((line) =>
            `${line.name}: ${format(line.points[0][1])} to ${format(line.points.at(-1)[1])}`)
            .join("; "));
    for (let i = 0; i <= 4; i++) {
        const value = 10 ** (low + (high - low) * i / 4);

        draw2(svg, "text", {x: x(10 ** i), y: height - 22, "text-anchor": "middle",
            class: "muted"}, count(10 ** i));
        draw2(svg, "text", {x: left - 6, y: y(value) + 4, "text-anchor": "end",
            class: "muted"}, format(value));
        draw2(svg, "line", {x1: left, x2: width - right, y1: y(value), y2: y(value),
            stroke: "var(--line)", "stroke-width": 0.5});
    }
    draw2(svg, "text", {x: left, y: height - 4, class: "muted"}, title + ", against C in flight");
    draw2(svg, "line", {x1: x(q.load.concurrency), x2: x(q.load.concurrency), y1: top,
        y2: height - bottom, stroke: "var(--accent)", "stroke-dasharray": "2 2"});
    for (const line of lines) {
        const path = line.points.map(([c, v], i) => `${i ? "L" : "M"}${x(c)} ${y(v)}`).join("");

        draw2(svg, "path", {d: path, fill: "none", stroke: line.colour, "stroke-width": 2,
            "stroke-dasharray": line.dash});
        for (const [c, v] of line.dots)
            draw2(draw2(svg, "circle", {cx: x(c), cy: y(v), r: 4, fill: line.colour,
                stroke: "var(--paper)"}), "title", {}, `${line.name}, measured: ${format(v)}`);
    }

    // Names stand where their lines end, none of them over another or below the axis.
    const named = lines.filter((one) => one.points.length > 0).sort((a, b) =>
        a.points.at(-1)[1] - b.points.at(-1)[1]);
    let below = height - bottom + NAME_HEIGHT;

    for (const line of named) {
        const [c, value] = line.points.at(-1);

        below = Math.min(y(value) + 4, below - NAME_HEIGHT);
        draw2(svg, "text", {x: x(c) + 8, y: below}, line.name);
    }
}

function isLike(point, q) {
    return point.requests === q.load.requests && point.latency_ns === q.load.latency.a &&
        q.load.latency.kind === "fixed" && Math.abs(point.own_ns - q.load.own) <= 0.1 * q.load.own;
}

function showCharts(all, q) {
    const cs = [1, 3, 10, 30, 100, 300, 1000, 3000, 10000].filter((c) => c <= q.load.requests);
    const shown = all.filter((one) => !one.form.compute && !one.form.many &&
        one.lane.model !== "sync");
    const lines = shown.map((one) => {
        const dots = run.points.filter((point) => point.lane === one.lane.lane && point.plain);

        return {
            name: one.name, colour: colours[one.lane.model], dash: one.form.dash,
            predicted: cs.map((c) => [c, predictFor(one, q, c)]),
            walls: dots.filter((point) => isLike(point, q)).map((p) => [p.concurrency, p.wall_ns]),
            memories: dots.filter((point) => point.memory_bytes)
                .map((p) => [p.concurrency, p.memory_bytes]),
        };
    });
    const floor = {
        name: "floor", colour: "var(--muted)", dash: "1 3", dots: [],
        points: lines.length > 0 ? lines[0].predicted.map(([c, p]) => [c, p.waiting]) : [],
    };

    showChart("walls", "Wall time", [floor, ...lines.map((line) => ({...line, dots: line.walls,
        points: line.predicted.map(([c, p]) => [c, p.wall])}))], time, q);
    showChart("memories", "Memory", lines.map((line) => ({...line, dots: line.memories,
        points: line.predicted.map(([c, p]) => [c, p.memory]).filter(([, v]) => v > 0)})), size, q);
}

// ---- The page ---------------------------------------------------------------------------------

let clip, later;

function update() {
    const q = asked(), all = candidatesFor(q);

    for (const one of all)
        one.p = predictFor(one, q, q.load.concurrency);
    const fitting = all.filter((one) => !(one.p.memory > q.memory));
    const taken = fitting.length > 0 ? pick(fitting) : null;
    const toGuess = all.find((one) => one.lane.model === "threads") || all[0];

    sayInputs(q);
    get("guess").hidden = !get("guessing").checked;
    get("guessed").textContent = `${toGuess.name} with ${count(q.load.concurrency)} in flight`;
    get("score").textContent = "";
    get("result").className = get("guessing").checked ? "hidden" : "";
    get("result").wall = toGuess.p.wall;
    showTable(all, taken, q);
    clip = showTimelines(all, q);
    showCharts(all, q);
}

function sayMarker() {
    const text = time(10 ** get("marker").value);

    get("marker").parentElement.querySelector("b").textContent = text;
    get("marker").setAttribute("aria-valuetext", text);
}

function reveal() {
    const factor = 10 ** get("marker").value / get("result").wall;

    get("result").className = "";
    get("score").textContent = factor > 1.1 ? `You were ${factor.toFixed(1)} times too high.`
        : factor < 0.9 ? `You were ${(1 / factor).toFixed(1)} times too low.` : "You knew it.";
}

function takeMeasured() {
    const point = run.points[get("measured").value];

    if (point === undefined)
        return;
    get("requests").value = Math.log10(point.requests);
    get("concurrency").value = Math.log10(point.concurrency);
    get("latency").value = Math.log10(point.latency_ns);
    get("own").value = point.own_ns / 1e6;
    get("tail").value = 1;
    update();
}

function start() {
    const about = run.parameters.about;
    const languages = new Set(run.parameters.lanes.map((lane) => lane.language));

    for (const language of languages)
        get("language").append(new Option(language));
    run.points.forEach((point, i) => {
        if (point.wall_ns)
            get("measured").append(new Option(point.cell, i));
    });
    get("source").textContent = `Predicted from measurements: ${about.cpu_model}, ${about.cores} ` +
        `cores, ${about.started_at}. ± is what 9 of 10 stay within.`;
    get("cores").value = about.cores;
    get("inputs").addEventListener("input", (event) => {
        sayInputs(asked());
        clearTimeout(later);
        later = setTimeout(event.target.id === "measured" ? takeMeasured : update, 120);
    });
    get("inputs").addEventListener("submit", (event) => event.preventDefault());
    get("marker").addEventListener("input", sayMarker);
    get("show").addEventListener("click", reveal);
    get("play").addEventListener("click", () => play(clip));
    sayMarker();
    update();
}

start();
