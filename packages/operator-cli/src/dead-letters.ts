import type { DeadLetterDetailView, DeadLetterView, Page } from '@bellhop/contracts/http';
import { DEAD_LETTER_REASONS } from '@bellhop/contracts/streams';
import { EXIT, usageError } from './cli.errors.js';
import { type Call, type Command, textOf } from './command.js';
import { numberOf, readPages } from './pages.js';
import { facts, moment, table } from './table.js';

export const LETTER_OPTIONS = { reason: { type: 'string' }, stream: { type: 'string' } } as const;
export const LETTER_HELP = `  --reason <reason>  ${DEAD_LETTER_REASONS.join(', ')}
  --stream <stream>  where the event was: INBOUND, INBOUND_2 … (other systems) or TICKETS (ours)`;

export function letterFilterOf(options: Call['options']) {
  const reason = textOf(options, 'reason');
  if (reason !== undefined && !DEAD_LETTER_REASONS.some((one) => one === reason)) {
    throw usageError(`There is no reason "${reason}". Reasons are: ${DEAD_LETTER_REASONS.join(', ')}.`);
  }
  return { reason, stream: textOf(options, 'stream') };
}

export const listDeadLetters: Command = {
  name: 'dead-letters list',
  argument: '',
  summary: 'events that could not be used; newest first',
  help: `${LETTER_HELP}
  --limit <count>    how many at most; default 25`,
  options: { ...LETTER_OPTIONS, limit: { type: 'string' } },
  async run({ client, terminal, options }) {
    const limit = numberOf(options, 'limit') ?? 25;
    const { items, next } = await readPages<DeadLetterView>(limit, (page) =>
      client.get<Page<DeadLetterView>>('/ops/dead-letters', { ...letterFilterOf(options), ...page }),
    );
    terminal.show(items.length === 0 ? 'No dead letters.' : letterTable(items), { items, next });
    if (next !== null) terminal.say(`There may be more: raise --limit above ${limit}.`);
    return EXIT.done;
  },
};

function letterTable(items: readonly DeadLetterView[]): string {
  const rows = items.map((one) => [
    String(one.sequence),
    moment(one.parkedAt),
    one.reason,
    one.subject,
    one.redriven === null ? 'no' : moment(one.redriven.at),
    one.detail,
  ]);
  return table(['SEQUENCE', 'STORED', 'REASON', 'SUBJECT', 'REDRIVEN', 'DETAIL'], rows);
}

export const showDeadLetter: Command = {
  name: 'dead-letters show',
  argument: '<sequence>',
  summary: 'one of them, with its headers and its body',
  help: `  --body             only the body, byte for byte, to be repaired in a file`,
  options: { body: { type: 'boolean' } },
  async run({ client, terminal, argument, options }) {
    const one = await client.get<DeadLetterDetailView>(`/ops/dead-letters/${encodeURIComponent(argument ?? '')}`);
    if (options.body === true) {
      process.stdout.write(Buffer.from(one.body, one.encoding));
      return EXIT.done;
    }
    const text = facts([
      ['sequence', String(one.sequence)],
      ['reason', one.reason],
      ['detail', one.detail],
      ['subject', one.subject],
      ['was in', `${one.stream}, at sequence ${one.streamSequence}`],
      ['stored', moment(one.parkedAt)],
      ['size', `${one.sizeBytes} bytes${one.isTruncated ? ', truncated' : ''}`],
      ['redriven', one.redriven ? `${moment(one.redriven.at)} by ${one.redriven.by}` : 'no'],
    ]);
    const body =
      one.encoding === 'utf8'
        ? table(
            ['BODY'],
            one.body.split('\n').map((line) => [line]),
          )
        : `BODY (base64)\n${one.body}`;
    terminal.show(`${text}\n\n${body}`, one);
    return EXIT.done;
  },
};
