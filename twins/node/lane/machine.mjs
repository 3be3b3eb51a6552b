/* What the machine says of itself and of this process. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import { basename } from 'node:path';

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

/* A module of a package of Debian's, which is where only Debian's own node looks for it, and its
 * version. Where there is none, that ends the program with the package's name. */
export function needs(module, debian) {
    const load = createRequire(import.meta.url);
    const place = `/usr/share/nodejs/${module}`;

    try {
        return [load(place), load(`${place}/package.json`).version];
    } catch (error) {
        const [reason] = error.message.split('\n');
        const program = basename(process.argv[1], '.mjs');
        process.stderr.write(`${program}: ${reason}: apt-get install ${debian}\n`);
        return process.exit(3);
    }
}

/* RLIMIT_NOFILE: Node itself raises the soft limit to the hard one when it starts. */
export const openFilesMax = () => readNumber('limits', /^Max open files +(\d+)/m) ?? Infinity;

/* VmHWM: the maxRSS of resourceUsage() starts at the size of the program that started this one. */
export const peakRssBytes = () => (readNumber('status', /^VmHWM:\s*(\d+)/m) ?? 0) * 1024;
