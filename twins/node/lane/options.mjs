/* The command line, the same for all models. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { VERSION } from './result.mjs';
import { parseBlock, parseCount, parseRounds, parseTime } from './units.mjs';

/* Of all twins; rows with a feature are not for these models. */
const file = new URL('../../options.json', import.meta.url);
const { options: allRows, of: needs } = JSON.parse(readFileSync(file, 'utf8'));

function parseDigest(text) {
    if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase();
    throw new Error(`'${text}' is not 64 hexadecimal digits`);
}

const parsers = {
    count: parseCount,
    time: parseTime,
    latency: (text) => (text === '0' ? 0 : parseTime(text)),
    rounds: parseRounds,
    block: parseBlock,
    digest: parseDigest,
    switch: Boolean,
};

/* The value of the option of a row, or null where it was not given and has no default. */
function read({ name, is, words }, value) {
    try {
        if (words !== undefined && value !== undefined && !words.includes(value))
            throw new Error(`'${value}' is none of: ${words.join(', ')}`);
        return value === undefined ? null : (parsers[is]?.(value) ?? value);
    } catch (error) {
        throw new Error(`--${name}: ${error.message}`);
    }
}

/* The rows of the options, with what the model has to say of them. */
function rowsFor({ works, concurrencyDefault }) {
    const own = { concurrency: concurrencyDefault && { shown: 'cores' }, work: { words: works } };

    return allRows.filter(({ feature }) => feature === undefined)
        .map((row) => ({ ...row, ...own[row.name] }));
}

function help({ name, summary }, rows) {
    const lines = rows.map(({ letter, name, takes, words, help, default: preset, shown }) => {
        const value = words?.join('|') ?? takes;
        const names = `${letter ? `-${letter}, ` : '    '}--${name}${value ? `=${value}` : ''}`;
        const text = help.replace('{default}', shown ?? preset);
        return `  ${names.padEnd(30)} ${text.replace('\n', `\n${' '.repeat(33)}`)}`;
    });

    return `Usage: ${name} [OPTION...] URL
Runs a workload ${summary}, and says how long it took.

${lines.join('\n')}

URL holds {id}: http://127.0.0.1:8080/users/{id}

Exit status: 0 all requests ok; 1 some requests failed (each is counted by its outcome); 2 wrong
usage; 3 the machine's limits forbid the run; 130 interrupted (the partial result is written).
`;
}

function isOf(schemes, url) {
    try {
        return schemes.includes(new URL(url).protocol.slice(0, -1));
    } catch {
        return false;
    }
}

function checkUrl({ url, work }) {
    const other = work === 'websocket' ? 'ws' : 'https';

    if (url === undefined)
        throw new Error('the URL is missing: http://127.0.0.1:8080/users/{id}');
    if (url.split('{id}').length !== 2)
        throw new Error(`URL '${url}' must hold {id} once, the place of the request's number`);
    if (!isOf(['http', other], url))
        throw new Error(`'${url}' is not an http:// or ${other}:// URL`);
}

/* What an option is for must be done, and the value of one may need another. */
function checkGiven(rows, values, work) {
    for (const { name, of } of rows)
        if (of !== undefined && values[name] !== undefined && !needs[of].works.includes(work))
            throw new Error(`--${name}: ${needs[of].else}`);
    if (values.digest !== undefined && values.rounds === undefined)
        throw new Error('--digest: of how many rounds? Say --rounds as well');
}

/* What depends on several options. */
function complete(model, w) {
    const [before, after] = w.url?.split('{id}') ?? [];

    w.requestsUrl = ['io', 'mixed', 'websocket'].includes(w.work);
    w.computes = w.work === 'cpu' || w.work === 'mixed';
    w.compute = model.compute ?? null;
    w.urlOf = (id) => before + id + after;
    if (w.requestsUrl) checkUrl(w);
    if (w.work === 'sleep' && !w.latency)
        throw new Error('--work sleep needs --latency, how long to sleep');
    w.concurrency ??= model.concurrencyDefault?.() ?? w.requests;
    if (w.work === 'sleep' || w.concurrency > w.requests) w.concurrency = w.requests;
    w.connections ??= w.concurrency >= w.requests ? 'fresh' : 'reuse';
    w.workers = (w.computes && model.workers?.(w)) || null;
    w.block ??= 32;
    if (w.computes && w.rounds === null) w.cpu ??= 20e6;
    return w;
}

/* Reads the command line; throws where it is wrong. Ends the program after --help or --version.
 * The workload has a member for each option, times in ns and sizes in bytes; null: not given. */
export function parseOptions(model, args) {
    const rows = rowsFor(model);
    const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: Object.fromEntries(rows.map(({ name, letter: short, is }) => [
            name, { type: is === 'switch' ? 'boolean' : 'string', ...(short && { short }) },
        ])),
    });

    if (values.help || values.version) {
        const version = `${model.name} ${VERSION} (node ${process.versions.node})\n`;
        process.stdout.write(values.help ? help(model, rows) : version);
        process.exit(0);
    }
    if (positionals.length > 1)
        throw new Error(`one URL only: '${positionals[1]}' is too much`);
    const workload = { url: positionals[0] };
    for (const row of rows) workload[row.name] = read(row, values[row.name] ?? row.default);
    checkGiven(rows, values, workload.work);
    return complete(model, workload);
}
