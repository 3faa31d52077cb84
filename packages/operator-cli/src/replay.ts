import {
  MAX_REPLAYED_AT_ONCE,
  REPLAYABLE_STATES,
  type ReplaysResponse,
  type ReplayView,
} from '@bellhop/contracts/http';
import { EXIT, usageError } from './cli.errors.js';
import { type Call, type Command, isSet } from './command.js';
import { FILTER_HELP, FILTER_OPTIONS, filterOf } from './deliveries.js';
import { followCursor, goesOn, MANY_OPTIONS } from './many.js';
import { numberOf } from './pages.js';
import { counted, plain, table } from './table.js';

export const replay: Command = {
  name: 'deliveries replay',
  argument: '[id]',
  summary: 'sends deliveries again: one by its id, or many by a filter',
  help: `Dead and skipped deliveries start again. Those that wait for their next attempt, or have no answer, become due now, and send the
stored request under the same key if there is one. The pre-send check runs again: what was seen meanwhile is skipped again.

One:
  --again            also if it was accepted already: a second mail, on purpose
Many (--state is needed: ${REPLAYABLE_STATES.join(', ')}):
${FILTER_HELP.split('\n').slice(1).join('\n')}
  --limit <count>    how many at most, oldest first
  --yes              do not ask
Both:
  --dry-run          only say what would happen`,
  options: {
    ...FILTER_OPTIONS,
    limit: { type: 'string' },
    again: { type: 'boolean' },
    ...MANY_OPTIONS,
  },
  run: (call) => (call.argument === undefined ? replayMany(call) : replayOne(call)),
};

async function replayOne({ client, terminal, argument, options }: Call): Promise<number> {
  if (Object.values(filterOf(options)).some((value) => value !== undefined)) {
    throw usageError('Name one delivery, or a filter, not both.');
  }
  const isDryRun = isSet(options, 'dry-run');
  const one = await client.post<ReplayView>(`/ops/deliveries/${encodeURIComponent(argument ?? '')}/replay`, {
    isAgain: isSet(options, 'again'),
    isDryRun,
  });
  const lines = [
    isDryRun ? 'Would be replayed:' : 'Replayed, and due now:',
    sentence(one),
    ...(one.refusal === null ? [] : [`It will be skipped again (${one.refusal}) unless that changes first.`]),
  ];
  terminal.show(lines.join('\n'), one);
  return EXIT.done;
}

function sentence({ deliveryId, state, key, mayDuplicate, why }: ReplayView): string {
  const twice = mayDuplicate ? 'Its person may get the mail twice' : 'Nobody gets a mail twice';
  const how = key === 'same' ? 'the same request under the same key' : 'a fresh request';
  return plain(`${deliveryId}, which was ${state}: ${how}. ${twice}: ${why}`);
}

async function replayMany(call: Call): Promise<number> {
  const { client, terminal, options } = call;
  const filter = filterOf(options);
  if (isSet(options, 'again')) throw usageError('--again is for one delivery, by its id.');
  if (!REPLAYABLE_STATES.some((state) => state === filter.state)) {
    throw usageError(`Name a delivery by its id, or many by --state ${REPLAYABLE_STATES.join(' | ')}.`);
  }
  const limit = numberOf(options, 'limit') ?? Number.POSITIVE_INFINITY;
  const plan = await client.post<ReplaysResponse>('/ops/deliveries/replays', { filter, isDryRun: true });
  // Counted once, here: a call that replays some does not count the rest.
  const count = Math.min(plan.remaining ?? 0, limit);
  const question = `Replay ${counted(count, 'delivery', 'deliveries')}?`;
  if (!(await goesOn(call, { count, text: forecast(plan, count), data: plan }, question))) return EXIT.done;
  const done = await replayAll(call, filter, count);
  const { replayed, mayDuplicate } = done;
  terminal.show(`Replayed ${counted(replayed, 'delivery', 'deliveries')}; ${twiceOf(mayDuplicate)}.`, done);
  return EXIT.done;
}

async function replayAll({ client, terminal }: Call, filter: object, total: number) {
  const sum = { replayed: 0, mayDuplicate: 0 };
  let left = total;
  const ask = (place: { cursor?: string }) => {
    const limit = Math.min(MAX_REPLAYED_AT_ONCE, left);
    return client.post<ReplaysResponse>('/ops/deliveries/replays', { filter, limit, ...place });
  };
  for await (const some of followCursor(ask)) {
    sum.replayed += some.replayed;
    sum.mayDuplicate += some.mayDuplicate;
    terminal.progress(`replayed ${sum.replayed.toLocaleString('en')} of ${total.toLocaleString('en')}`);
    left -= MAX_REPLAYED_AT_ONCE;
    if (left <= 0) break;
  }
  return sum;
}

function forecast(plan: ReplaysResponse, total: number): string {
  if (total === 0) return 'No delivery matches: nothing to replay.';
  const head = `${counted(total, 'delivery', 'deliveries')} would be replayed; ${twiceOf(plan.mayDuplicate)}.`;
  const rows = plan.items.map((one) => [
    one.deliveryId,
    one.key,
    one.mayDuplicate ? 'perhaps' : 'no',
    one.refusal ?? '-',
    one.reason ?? '-',
  ]);
  const body = table(['DELIVERY', 'KEY', 'TWICE', 'SKIPPED AGAIN', 'REASON'], rows);
  const left = (plan.remaining ?? 0) - plan.items.length;
  const more = left > 0 ? `\n… and ${left} more` : '';
  return `${head}\n\n${body}${more}`;
}

function twiceOf(count: number): string {
  return count === 0 ? 'nobody gets a mail twice' : `up to ${counted(count, 'person', 'people')} may get a mail twice`;
}
