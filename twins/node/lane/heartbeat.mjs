/* How late the loop is: a beat is due every 10 ms on a fixed grid. Beats that a block swallowed are
 * late by the rest of it, so that a long block counts for as long as it lasts. */
import { percentiles } from './units.mjs';

const INTERVAL_MS = 10;

export class Heartbeat {
    #lateness = []; /* ms */
    #due;
    #timer;
    #longest = 0;
    #longestBy = null;
    #items = []; /* computed since the last beat */

    start() {
        this.#due = performance.now() + INTERVAL_MS;
        this.#wait();
    }

    #wait() {
        /* A timer has the resolution of a millisecond; up, since a beat is never early. */
        this.#timer = setTimeout(() => this.#beat(), Math.ceil(this.#due - performance.now()));
        this.#timer.unref();
    }

    #account() {
        const now = performance.now();

        if (now - this.#due > this.#longest) {
            this.#longest = now - this.#due;
            this.#longestBy = this.#name();
        }
        for (; this.#due <= now; this.#due += INTERVAL_MS) this.#lateness.push(now - this.#due);
        this.#items = [];
    }

    #beat() {
        this.#account();
        this.#wait();
    }

    #name() {
        if (this.#items.length === 0) return null;
        if (this.#items.length === 1) return `computing item ${this.#items[0]}`;
        return `computing ${this.#items.length} items, from item ${this.#items[0]} on`;
    }

    /* Says what the loop does from now on, instead of turning. */
    blockedBy(id) {
        this.#items.push(id);
    }

    /* Returns the member `loop` of the result. */
    stop() {
        clearTimeout(this.#timer);
        this.#account();
        const lateness = Float64Array.from(this.#lateness);
        return {
            lateness_ns: percentiles(lateness, { p50: 500, p99: 990, max: 1000 }),
            longest_block_ns: Math.round(this.#longest * 1e6),
            longest_block: this.#longestBy,
        };
    }
}
