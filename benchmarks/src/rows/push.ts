import { PushProcess, type PushTask } from '../floors/push-process-of.js';
import { ratio } from '../report/figures.js';
import type { Context, Row } from '../row.js';
import { PushSink } from '../world/push-sink.js';
import { goal } from './goal.js';

const ALONE = 'web-push alone';
const AT_LEAST = 3;

function row(name: string, title: string, tasks: { ours: PushTask; alone: PushTask }): Row {
  return {
    name,
    title,
    async run({ isQuick, measure }: Context) {
      const count = isQuick ? 300 : 5_000;
      const sink = await PushSink.start('https');
      const { origin, keys, vapid } = sink;
      const order = { count, origin, keys, vapid: `${vapid.publicKey}:${vapid.privateKey}` };
      // One process for each run: what the other has left in its heap costs nothing.
      const run = async (task: PushTask) => {
        const process = PushProcess.start();
        try {
          return await process.run({ ...order, task });
        } finally {
          await process.stop();
        }
      };
      try {
        const { Bellhop: ours, [ALONE]: alone } = await measure({
          Bellhop: () => run(tasks.ours),
          [ALONE]: () => run(tasks.alone),
        });
        return {
          unit: 'pushes per second of a core',
          figures: [ours],
          others: [alone],
          goals: [goal(ratio(ours, alone), AT_LEAST, `× ${ALONE}`)],
          notes: [
            'Requests of pushes: count divided by the processor time of the process that makes them, of all its threads; the push service speaks TLS and has a process of its own. Both encrypt by web-push.',
          ],
        };
      } finally {
        await sink.stop();
      }
    },
  };
}

export const pushes: readonly Row[] = [
  row('push', 'the request of a push, encrypted and signed', {
    ours: 'built by us',
    alone: 'built by web-push',
  }),
  row('push-sent', 'the same, sent to a push service', { ours: 'sent by us', alone: 'sent by web-push' }),
];
