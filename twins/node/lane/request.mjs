/* What an answer or an error means: the outcome of a request. */
export const BODY_BYTES_MAX = 1 << 20; /* a larger body ends as bad_body */

/* Whether the body is a JSON object whose "id" is the request's: as a whole number (7.0 is 7 to
 * JSON.parse), in a text without the mark of bytes that were no UTF-8. */
function verify(body, id) {
    const digits = new RegExp(`"id"\\s*:\\s*-?${id}\\s*[,}]`);

    try {
        return JSON.parse(body)?.id === id && digits.test(body) && !body.includes('\uFFFD');
    } catch {
        return false;
    }
}

/* `body` is null where it was too large. */
export function check(status, body, id, { verify: by }) {
    if (status < 200 || status > 299)
        return { outcome: 'http_status', detail: `status ${status}` };
    if (body === null) return { outcome: 'bad_body', detail: 'the body is too large' };
    if (by === 'id' && !verify(body, id)) return { outcome: 'bad_body' };
    return { outcome: 'ok' };
}

const BEFORE_CONNECTED = [
    'ENOTFOUND',
    'EAI_AGAIN',
    'EMFILE',
    'ENFILE',
    'UND_ERR_CONNECT_TIMEOUT',
];

/* The server reset the connection, or closed its side: 'aborted' of http, 'other side closed' of
 * undici. With the same code undici says 'bad response' and 'bad upgrade', of a 1xx. */
function isCutOff({ syscall, code, message }) {
    if (syscall === 'read' || syscall === 'write' || code === 'ECONNRESET') return true;
    if (code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return true;
    return code === 'UND_ERR_SOCKET' && !message.startsWith('bad ');
}

function outcomeName(error, answered) {
    if (error.syscall === 'connect' || BEFORE_CONNECTED.includes(error.code)) return 'connect';
    if (error.code === 'UND_ERR_HEADERS_TIMEOUT' || error.code === 'UND_ERR_BODY_TIMEOUT')
        return 'timeout';
    if (isCutOff(error)) return answered ? 'truncated' : 'reset';
    return 'other';
}

/* `signal` aborts with an outcome as its reason; `answered`: the head of the answer has come. */
export function outcomeOf(error, signal, answered) {
    const detail = error.message || error.code;

    if (signal.aborted) return { outcome: signal.reason, detail };
    return { outcome: outcomeName(error, answered), detail };
}
