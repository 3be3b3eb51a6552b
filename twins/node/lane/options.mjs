/* The command line, the same for all models. */
import { isatty } from 'node:tty';
import { parseArgs } from 'node:util';

import { VERSION } from './result.mjs';
import { parseBlock, parseCount, parseRounds, parseTime } from './units.mjs';

const asItIs = (value) => value;

const oneOf = (words) => (text) => {
    if (words.includes(text)) return text;
    throw new Error(`'${text}' is none of: ${words.join(', ')}`);
};

function parseDigest(text) {
    if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase();
    throw new Error(`'${text}' is not 64 hexadecimal digits`);
}

/* Short name, name, what the value is called (null: a switch), help, parser, default. */
const table = ({ works, concurrencyDefault }) => [
    ['n', 'requests', 'N', 'Items in all (default: 1000)', parseCount, '1000'],
    ['c', 'concurrency', 'C', 'Most of them at once (default: ' +
        `${concurrencyDefault ? 'cores' : 'N'})`, parseCount],
    ['t', 'timeout', 'TIME', 'Longest time for one request (default: 30s)', parseTime, '30s'],
    ['', 'deadline', 'TIME', 'Longest time for the whole run (default: none)', parseTime],
    ['', 'connections', 'reuse|fresh', 'Use a connection again, or make one for each request\n' +
        '(default: reuse, and fresh where C >= N)', oneOf(['reuse', 'fresh'])],
    ['', 'verify', 'id|status', 'What makes an answer right: a JSON body whose "id" is the\n' +
        "request's, or any status 200-299 (default: id)", oneOf(['id', 'status']), 'id'],
    ['', 'latency', 'TIME', 'The fixed latency of the server, if known; how long to sleep',
        (text) => (text === '0' ? 0 : parseTime(text))],
    ['', 'work', works.join('|'), 'What an item is (default: io)', oneOf(works), 'io'],
    ['', 'cpu', 'TIME', 'CPU time of one computation (default: 20ms)', parseTime],
    ['', 'rounds', 'R', 'Hashes in its chain (default: as many as the time takes)', parseRounds],
    ['', 'block', 'BYTES', 'Bytes of each hash (default: 32)', parseBlock, '32'],
    ['', 'digest', 'HEX', 'What the chain must come to', parseDigest],
    ['', 'ready', 'FILE', 'Make FILE once all sleep', asItIs],
    ['o', 'output', 'FILE', 'Append the result to FILE as one JSON line', asItIs],
    ['', 'records', 'FILE', 'Write one CSV row per request to FILE', asItIs],
    ['', 'quiet', null, 'No summary and no progress', asItIs, false],
    ['', 'progress', null, 'Progress on stderr, even if it is no terminal', asItIs, false],
    ['', 'version', null, 'Print the version', asItIs, false],
    ['h', 'help', null, 'Print this text', asItIs, false],
];

function help({ name, summary }, options) {
    const lines = options.map(([short, long, value, text]) => {
        const names = `${short ? `-${short}, ` : '    '}--${long}${value ? `=${value}` : ''}`;
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

function isHttp(url) {
    try {
        return ['http:', 'https:'].includes(new URL(url).protocol);
    } catch {
        return false;
    }
}

function checkUrl(url) {
    if (url === undefined)
        throw new Error('the URL is missing: http://127.0.0.1:8080/users/{id}');
    if (url.split('{id}').length !== 2)
        throw new Error(`URL '${url}' must hold {id} once, the place of the request's number`);
    if (!isHttp(url)) throw new Error(`'${url}' is not an http:// or https:// URL`);
}

/* The value of an option, or null where it was not given. */
function read(name, parse, value) {
    try {
        return value === undefined ? null : parse(value);
    } catch (error) {
        throw new Error(`--${name}: ${error.message}`);
    }
}

/* What depends on several options. */
function complete(model, w) {
    const [before, after] = w.url?.split('{id}') ?? [];

    w.requestsUrl = w.work === 'io' || w.work === 'mixed';
    w.computes = w.work === 'cpu' || w.work === 'mixed';
    w.compute = model.compute ?? null;
    w.urlOf = (id) => before + id + after;
    if (w.requestsUrl) checkUrl(w.url);
    if (w.ready !== null && w.work !== 'sleep')
        throw new Error('--ready: nothing sleeps; say --work sleep');
    if (w.work === 'sleep' && !w.latency)
        throw new Error('--work sleep needs --latency, how long to sleep');
    w.concurrency ??= model.concurrencyDefault?.() ?? w.requests;
    if (w.work === 'sleep' || w.concurrency > w.requests) w.concurrency = w.requests;
    w.connections ??= w.concurrency >= w.requests ? 'fresh' : 'reuse';
    w.progress = !w.quiet && (w.progress || isatty(2));
    w.workers = model.workers?.(w) ?? null;
    if (!w.computes) w.cpu = w.rounds = w.digest = w.workers = null;
    else if (w.rounds === null) w.cpu ??= 20e6;
    return w;
}

/* Reads the command line; throws where it is wrong. Ends the program after --help or --version.
 * The workload has a member for each option, times in ns and sizes in bytes; null: not given. */
export function parseOptions(model, args) {
    const options = table(model);
    const { values, positionals } = parseArgs({
        args,
        allowPositionals: true,
        options: Object.fromEntries(options.map(([short, long, value]) => [
            long, { type: value ? 'string' : 'boolean', ...(short && { short }) },
        ])),
    });

    if (values.help || values.version) {
        const version = `${model.name} ${VERSION} (node ${process.versions.node})\n`;
        process.stdout.write(values.help ? help(model, options) : version);
        process.exit(0);
    }
    if (positionals.length > 1)
        throw new Error(`one URL only: '${positionals[1]}' is too much`);
    const workload = { url: positionals[0] };
    for (const [, name, , , parse, preset] of options)
        workload[name] = read(name, parse, values[name] ?? preset);
    return complete(model, workload);
}
