/* The command line, the same for all models. */
import { isatty } from 'node:tty';
import { parseArgs } from 'node:util';

import { VERSION } from './result.mjs';
import { parseBlock, parseCount, parseTime } from './units.mjs';

const text = { type: 'string' };
const flag = { type: 'boolean', default: false };
const OPTIONS = {
    requests: { ...text, short: 'n', default: '1000' },
    concurrency: { ...text, short: 'c' },
    timeout: { ...text, short: 't', default: '30s' },
    deadline: text,
    connections: text,
    verify: { ...text, default: 'id' },
    latency: text,
    work: { ...text, default: 'io' },
    cpu: text,
    rounds: text,
    digest: text,
    block: { ...text, default: '32' },
    ready: text,
    output: { ...text, short: 'o' },
    records: text,
    quiet: flag,
    progress: flag,
    version: flag,
    help: { ...flag, short: 'h' },
};

const help = ({ name, summary, works, concurrencyDefault }) => `Usage: ${name} [OPTION...] URL
Runs a workload ${summary}, and says how long it took.

The workload:
  -n, --requests=N       Items in all (default: 1000)
  -c, --concurrency=C    Most of them at once (default: ${concurrencyDefault ? 'cores' : 'N'})
  -t, --timeout=TIME     Longest time for one request (default: 30s)
      --deadline=TIME    Longest time for the whole run (default: none)
      --connections=reuse|fresh
                         Use a connection again, or make one for each request
                         (default: reuse, and fresh where C >= N)
      --verify=id|status What makes an answer right: a JSON body whose "id" is the
                         request's, or any status 200-299 (default: id)
      --latency=TIME     The fixed latency of the server, if known; how long to sleep
      --work=${works.join('|')}
      --cpu=TIME         CPU time of one computation (default: 20ms)
      --rounds=R         Hashes in its chain (default: as many as the time takes)
      --block=BYTES      Bytes of each hash (default: 32)
      --digest=HEX       What the chain must come to
      --ready=FILE       Make FILE once all sleep
Output:
  -o, --output=FILE      Append the result to FILE as one JSON line
      --records=FILE     Write one CSV row per request to FILE
      --quiet            No summary and no progress
      --progress         Progress on stderr, even if it is no terminal
      --help, --version

URL holds {id}: http://127.0.0.1:8080/users/{id}

Exit status: 0 all requests ok; 1 some requests failed (each is counted by its outcome); 2 wrong
usage; 3 the machine's limits forbid the run; 130 interrupted (the partial result is written).
`;

function oneOf(option, value, words) {
    if (!words.includes(value))
        throw new Error(`--${option}: '${value}' is none of: ${words.join(', ')}`);
    return value;
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

function parseDigest(value) {
    if (!/^[0-9a-f]{64}$/i.test(value))
        throw new Error(`--digest: '${value}' is not 64 hexadecimal digits`);
    return value.toLowerCase();
}

/* What a value comes to, or null where it was not given. */
const given = (value, parse) => (value === undefined ? null : parse(value));

function parseWorkload(model, values, url) {
    const work = oneOf('work', values.work, model.works);
    const [before, after] = url?.split('{id}') ?? [];

    return {
        url,
        urlOf: (id) => before + id + after,
        work,
        requestsUrl: work === 'io' || work === 'mixed',
        computes: work === 'cpu' || work === 'mixed',
        compute: model.compute ?? null,
        requests: parseCount('requests', values.requests),
        concurrency: given(values.concurrency, (value) => parseCount('concurrency', value)),
        timeoutNs: parseTime('timeout', values.timeout),
        deadlineNs: given(values.deadline, (value) => parseTime('deadline', value)),
        latencyNs: given(values.latency, (value) =>
            value === '0' ? 0 : parseTime('latency', value),
        ),
        connections: given(values.connections, (value) =>
            oneOf('connections', value, ['reuse', 'fresh']),
        ),
        verify: oneOf('verify', values.verify, ['id', 'status']),
        cpuNs: given(values.cpu, (value) => parseTime('cpu', value)),
        rounds: given(values.rounds, (value) => parseCount('rounds', value, 1e15)),
        digest: given(values.digest, parseDigest),
        blockBytes: parseBlock(values.block),
        ready: values.ready,
        output: values.output,
        records: values.records,
        quiet: values.quiet,
        progress: !values.quiet && (values.progress || isatty(2)),
    };
}

/* What depends on several options. */
function complete(model, w) {
    if (w.requestsUrl) checkUrl(w.url);
    if (w.ready !== undefined && w.work !== 'sleep')
        throw new Error('--ready: nothing sleeps; say --work sleep');
    if (w.work === 'sleep' && !w.latencyNs)
        throw new Error('--work sleep needs --latency, how long to sleep');
    w.concurrency ??= model.concurrencyDefault?.() ?? w.requests;
    if (w.work === 'sleep' || w.concurrency > w.requests) w.concurrency = w.requests;
    if (w.rounds === null) w.cpuNs ??= 20e6;
    w.fresh = w.connections === 'fresh' || (w.connections === null && w.concurrency >= w.requests);
    w.workers = model.workers?.(w) ?? null;
    return w;
}

/* Reads the command line; throws where it is wrong. Ends the program after --help or --version. */
export function parseOptions(model, args) {
    const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });

    if (values.help || values.version) {
        const version = `${model.name} ${VERSION} (node ${process.versions.node})\n`;
        process.stdout.write(values.help ? help(model) : version);
        process.exit(0);
    }
    if (positionals.length > 1)
        throw new Error(`one URL only: '${positionals[1]}' is too much`);
    return complete(model, parseWorkload(model, values, positionals[0]));
}
