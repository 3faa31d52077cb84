import { DELIVERY_STATES, type DeliveryDetailView, type DeliveryView, type Page } from '@bellhop/contracts/http';
import { EXIT, usageError } from './cli.errors.js';
import { type Call, type Command, textOf } from './command.js';
import { deviceTable } from './devices.js';
import { numberOf, readPages } from './pages.js';
import { facts, moment, table } from './table.js';

export const FILTER_OPTIONS = {
  state: { type: 'string' },
  system: { type: 'string' },
  reason: { type: 'string' },
  ticket: { type: 'string' },
} as const;

export const FILTER_HELP = `  --state <state>    ${DELIVERY_STATES.join(', ')}
  --system <name>    the publisher, such as crm; our own is bellhop
  --reason <word>    such as no_answer, address_refused or throttled
  --ticket <ticket>  id or number`;

export function filterOf(options: Call['options']) {
  const [state, system, reason, ticket] = ['state', 'system', 'reason', 'ticket'].map((name) => textOf(options, name));
  if (state !== undefined && !DELIVERY_STATES.some((one) => one === state)) {
    throw usageError(`There is no state "${state}". States are: ${DELIVERY_STATES.join(', ')}.`);
  }
  return { state, system, reason, ticket };
}

export const listDeliveries: Command = {
  name: 'deliveries list',
  argument: '',
  summary: 'deliveries by state; newest first',
  help: `${FILTER_HELP}
  --limit <count>    how many at most; default 25`,
  options: { ...FILTER_OPTIONS, limit: { type: 'string' } },
  async run({ client, terminal, options }) {
    const limit = numberOf(options, 'limit') ?? 25;
    const { items, next } = await readPages<DeliveryView>(limit, (page) =>
      client.get<Page<DeliveryView>>('/ops/deliveries', { ...filterOf(options), ...page }),
    );
    terminal.show(items.length === 0 ? 'No deliveries.' : deliveryTable(items), { items, next });
    if (next !== null) terminal.say(`There are more: raise --limit above ${limit}.`);
    return EXIT.done;
  },
};

function deliveryTable(items: readonly DeliveryView[]): string {
  const rows = items.map((one) => [
    one.id,
    one.state,
    String(one.attempts),
    one.system,
    one.ticket.number,
    moment(one.createdAt),
    moment(one.dueAt),
    one.reason ?? '-',
  ]);
  return table(['DELIVERY', 'STATE', 'ATTEMPTS', 'SYSTEM', 'TICKET', 'CREATED', 'DUE', 'REASON'], rows);
}

export const showDelivery: Command = {
  name: 'deliveries show',
  argument: '<id>',
  summary: 'one delivery, the decisions that led to it, and the devices that a push went to',
  help: '',
  options: {},
  async run({ client, terminal, argument }) {
    const one = await client.get<DeliveryDetailView>(`/ops/deliveries/${encodeURIComponent(argument ?? '')}`);
    const recipient = one.recipient.id === null ? one.recipient.kind : `${one.recipient.kind} ${one.recipient.id}`;
    const text = facts([
      ['delivery', one.id],
      ['state', one.state],
      ['reason', one.foldedInto ? `${one.reason} into ${one.foldedInto}` : (one.reason ?? '-')],
      ['attempts', `${one.attempts}, of which unanswered: ${one.unknowns}`],
      ['ticket', `${one.ticket.number} (${one.ticket.id}) of ${one.system}, version ${one.version}`],
      ['recipient', `${recipient}, as ${one.recipient.role}`],
      ['template', `${one.template}, by ${one.channel}`],
      ['created', moment(one.createdAt)],
      ['due', moment(one.dueAt)],
      ['attempted', moment(one.attemptedAt)],
      ['settled', moment(one.settledAt)],
      ['provider', one.provider ?? '-'],
      ['feedback', one.feedback ?? '-'],
      ['request', one.frozenAt === null ? 'none stored' : `stored ${moment(one.frozenAt)}, batch ${one.batchId}`],
    ]);
    const decisions = table(
      ['EVENT', 'TYPE', 'DECIDED', 'DECISION', 'REASON'],
      // Decided when the event arrived. The state and reason above say what happened to the delivery since.
      one.decisions.map(({ eventId, type, decidedAt, reason }) => [
        eventId,
        type,
        moment(decidedAt),
        reason === null ? 'deliver' : 'skip',
        reason ?? '-',
      ]),
    );
    const parts = [text, one.decisions.length > 0 && decisions, one.devices.length > 0 && deviceTable(one.devices)];
    terminal.show(parts.filter(Boolean).join('\n\n'), one);
    return EXIT.done;
  },
};
