import type { RedriveResponse, RedrivesResponse } from '@bellhop/contracts/http';
import { EXIT, usageError } from './cli.errors.js';
import { type Call, type Command, isSet, textOf } from './command.js';
import { LETTER_HELP, LETTER_OPTIONS, letterFilterOf } from './dead-letters.js';
import { decisionTable } from './decisions.js';
import { readEvent } from './event-file.js';
import { followCursor, goesOn, MANY_OPTIONS } from './many.js';
import { counted, table } from './table.js';

export const redrive: Command = {
  name: 'dead-letters redrive',
  argument: '[sequence]',
  summary: 'delivers dead letters again that can be used now: one by its sequence, or many by a filter',
  help: `It goes through the same checks as any event. An event that was accepted before has no second effect.

One:
  --event <file>     the repaired event to use instead; - reads it from standard input
Many (--all, or a filter):
${LETTER_HELP}
  --system <name>    the publisher, such as crm
  --all              every dead letter that was not redriven yet
  --yes              do not ask
Both:
  --dry-run          only say what would happen`,
  options: {
    ...LETTER_OPTIONS,
    system: { type: 'string' },
    event: { type: 'string' },
    all: { type: 'boolean' },
    ...MANY_OPTIONS,
  },
  run: (call) => (call.argument === undefined ? redriveMany(call) : redriveOne(call)),
};

async function redriveOne({ client, terminal, argument, options }: Call): Promise<number> {
  const file = textOf(options, 'event');
  const isDryRun = isSet(options, 'dry-run');
  const event = file === undefined ? {} : { event: await readEvent(file) };
  const path = `/ops/dead-letters/${encodeURIComponent(argument ?? '')}/redrive`;
  const one = await client.post<RedriveResponse>(path, { ...event, isDryRun });
  const decisions = one.decisions.length === 0 ? '' : `\n\n${decisionTable(one.decisions)}`;
  terminal.show(resultOf(one) + decisions, one);
  return EXIT.done;
}

function resultOf({ eventId, system, isDuplicate, isDryRun }: RedriveResponse): string {
  const event = `Event ${eventId} of ${system}`;
  if (isDryRun) return `${event} can be used now.`;
  if (isDuplicate) return `${event} was accepted before: it has no second effect.`;
  return `${event} was accepted.`;
}

async function redriveMany(call: Call): Promise<number> {
  const { terminal, options } = call;
  if (textOf(options, 'event') !== undefined) throw usageError('--event is for one dead letter, by its sequence.');
  const filter = { ...letterFilterOf(options), system: textOf(options, 'system') };
  if (!isSet(options, 'all') && Object.values(filter).every((value) => value === undefined)) {
    throw usageError('Name a dead letter by its sequence, many by --reason, --stream or --system, or say --all.');
  }
  const plan = await walk(call, filter, true);
  const question = `Redrive ${counted(plan.redriven, 'event')}?`;
  if (!(await goesOn(call, { count: plan.redriven, text: report(plan), data: plan }, question))) {
    return isSet(options, 'dry-run') ? EXIT.done : exitOf(plan);
  }
  const done = await walk(call, filter, false);
  terminal.show(report(done), done);
  return exitOf(done);
}

type Sum = Pick<RedrivesResponse, 'isDryRun' | 'redriven' | 'duplicates' | 'refused'>;

function exitOf({ refused }: Sum): number {
  return refused.length > 0 ? EXIT.partly : EXIT.done;
}

async function walk({ client, terminal }: Call, filter: object, isDryRun: boolean): Promise<Sum> {
  const sum: Sum = { isDryRun, redriven: 0, duplicates: 0, refused: [] };
  const ask = (place: { cursor?: string }) =>
    client.post<RedrivesResponse>('/ops/dead-letters/redrives', { filter, isDryRun, ...place });
  for await (const some of followCursor(ask)) {
    sum.redriven += some.redriven;
    sum.duplicates += some.duplicates;
    sum.refused.push(...some.refused);
    const verb = isDryRun ? 'usable' : 'redriven';
    terminal.progress(
      `${verb}: ${sum.redriven}, still not usable: ${sum.refused.length}, remaining: ${some.remaining}`,
    );
  }
  return sum;
}

function report({ isDryRun, redriven, duplicates, refused }: Sum): string {
  const accepted = duplicates > 0 ? ` (${duplicates} of them accepted before, without a second effect)` : '';
  const head = `${counted(redriven, 'event')} ${isDryRun ? 'would be redriven' : 'redriven'}${accepted}; still not usable: ${refused.length}.`;
  if (refused.length === 0) return head;
  const rows = refused.map(({ sequence, reason, detail }) => [String(sequence), reason, detail]);
  return `${head}\n\n${table(['SEQUENCE', 'REASON', 'DETAIL'], rows)}`;
}
