/** `node smtp-sink-process.js <delay>`: counts the mails it accepts, and stores none. */
import { SmtpSink } from '@bellhop/local-stack';
import type { SinkCounts } from './smtp-sink.js';

const LOOK_MS = 20;

const delayMs = Number(process.argv[2]);
const sink = await SmtpSink.start();
if (delayMs > 0) sink.when({ at: 'dot', delayMs });
const people = new Set<string>();
let mails = 0;

function count(): void {
  const taken = sink.mails.splice(0);
  if (taken.length === 0) return;
  mails += taken.length;
  for (const { to } of taken) for (const person of to) people.add(person);
}

setInterval(count, LOOK_MS);
process.on('message', () => {
  count();
  const counts: SinkCounts = { mails, people: people.size };
  people.clear();
  mails = 0;
  process.send?.(counts);
});
process.once('disconnect', () => process.exit(0));
process.send?.(sink.port);
