/* Values as the lanes write them ("200ms", "10k", "64k"), and percentiles. */
const TIMES = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };
const COUNTS = { '': 1, k: 1e3, M: 1e6, G: 1e9 };
const SIZES = { '': 1, k: 1 << 10, M: 1 << 20 };

/* Returns a function that reads a plain decimal with a unit, and takes whole numbers only; what a
 * number is not is told by `meaning`. */
function reader(units, least, most, meaning, round = (value) => value) {
    return (text) => {
        const [, digits, unit] = /^(\d+(?:\.\d*)?)([A-Za-z]*)$/.exec(text) ?? [];
        const value = round(Number(digits) * (units[unit] ?? NaN));

        if (Number.isInteger(value) && value >= least && value <= most) return value;
        throw new Error(`'${text}' is not ${meaning}`);
    };
}

const TIME = 'a time above 0; write it like 200ms, 1.5s or 2m';
const COUNT = 'a number from 1 to 10M; write it like 1000 or 10k';

export const parseTime = reader(TIMES, 1, Number.MAX_SAFE_INTEGER, TIME, Math.round);
export const parseCount = reader(COUNTS, 1, 10e6, COUNT);
export const parseRounds = reader(COUNTS, 1, 1e15, 'a number from 1; write it like 1000 or 10k');
export const parseBlock = reader(SIZES, 32, 16 << 20, 'a size from 32 to 16M; write it like 64k');

/* For a timer: whole milliseconds, up, since Node counts them from a truncated clock; and never
 * more than it takes, beyond which it would fire at once. */
export function timerMs(ns) {
    return Math.min(Math.ceil(ns / 1e6) + 1, 2 ** 31 - 1);
}

export function formatTime(ns) {
    return ns >= 1e9 ? `${(ns / 1e9).toFixed(2)} s` : `${Number((ns / 1e6).toPrecision(3))} ms`;
}

/* Percentiles of values in ms, put in order, as ns: by nearest rank; 0 where there is no value. */
export function percentiles(values, perMilles) {
    const sorted = values.sort();
    const at = (perMille) => sorted[Math.ceil((sorted.length * perMille) / 1000) - 1] ?? 0;

    return Object.fromEntries(
        Object.entries(perMilles).map(([name, perMille]) => [name, Math.round(at(perMille) * 1e6)]),
    );
}
