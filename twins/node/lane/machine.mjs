/* What the machine says of itself and of this process. */
import { readFileSync } from 'node:fs';
import os from 'node:os';

export const cores = () => os.availableParallelism?.() ?? os.cpus().length;

/* The number that `pattern` finds in a file of /proc/self; null where there is none. */
function readNumber(name, pattern) {
    try {
        const match = pattern.exec(readFileSync(`/proc/self/${name}`, 'latin1'));
        return match === null ? null : Number(match[1]);
    } catch {
        return null;
    }
}

/* RLIMIT_NOFILE: Node itself raises the soft limit to the hard one when it starts. */
export const openFilesMax = () => readNumber('limits', /^Max open files +(\d+)/m) ?? Infinity;

/* VmHWM: the maxRSS of resourceUsage() starts at the size of the program that started this one. */
export const peakRssBytes = () => (readNumber('status', /^VmHWM:\s*(\d+)/m) ?? 0) * 1024;
