/** The server as a process of its own: `node resend-process.js <port> <control port> <data folder>`, its options in RESEND_OPTIONS. */
import { join } from 'node:path';
import { serveControl } from './control.js';
import { ResendCore } from './resend-core.js';

const [port = '', controlPort = '', dataDir = ''] = process.argv.slice(2);
const core = new ResendCore(
  Number(port),
  JSON.parse(process.env.RESEND_OPTIONS ?? '{}'),
  join(dataDir, 'journal.jsonl'),
);
await core.start();
await serveControl(core, Number(controlPort));
process.once('SIGTERM', () => process.exit(0));
