/* Values as the lanes write them ("200ms", "10k", "64k"), and percentiles. */
const TIMES = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };
const COUNTS = { '': 1, k: 1e3, M: 1e6, G: 1e9 };
const SIZES = { '': 1, k: 1 << 10, M: 1 << 20 };

/* A plain decimal with a unit, as a whole number; NaN where it is none. */
function parse(text, units) {
    const match = /^(\d+(?:\.\d*)?)([A-Za-z]*)$/.exec(text);

    return match === null ? NaN : Number(match[1]) * (units[match[2]] ?? NaN);
}

export function parseTime(option, text) {
    const ns = Math.round(parse(text, TIMES));

    if (!(ns > 0 && ns <= Number.MAX_SAFE_INTEGER))
        throw new Error(
            `--${option}: '${text}' is not a time above 0; write it like 200ms, 1.5s or 2m`,
        );
    return ns;
}

export function parseCount(option, text, most = 10e6) {
    const value = parse(text, COUNTS);

    if (!(Number.isInteger(value) && value >= 1 && value <= most))
        throw new Error(
            `--${option}: '${text}' is not a number from 1 to ${most}; write it like 1000 or 10k`,
        );
    return value;
}

export function parseBlock(text) {
    const bytes = parse(text, SIZES);

    if (!(Number.isInteger(bytes) && bytes >= 32 && bytes <= 16 << 20))
        throw new Error(`--block: '${text}' is not a size from 32 to 16M; write it like 64k`);
    return bytes;
}

/* For a timer: whole milliseconds, up, since Node counts them from a truncated clock; and never
 * more than it takes, beyond which it would fire at once. */
export function timerMs(ns) {
    return Math.min(Math.ceil(ns / 1e6) + 1, 2 ** 31 - 1);
}

export function formatTime(ns) {
    return ns >= 1e9 ? `${(ns / 1e9).toFixed(2)} s` : `${Number((ns / 1e6).toPrecision(3))} ms`;
}

/* By nearest rank, of values in order. */
export function percentile(sorted, perMille) {
    return sorted[Math.ceil((sorted.length * perMille) / 1000) - 1];
}
