/* What a worker thread does: for each message it computes a chain, and answers with its digest. */
import { parentPort, workerData } from 'node:worker_threads';

import { computeDigest } from './chain.mjs';

parentPort.on('message', () => parentPort.postMessage(computeDigest(workerData)));
