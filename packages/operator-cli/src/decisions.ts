import type { DecisionView } from '@bellhop/contracts/http';
import { moment, table } from './table.js';

/** Who is notified of an event and who is not. Guests have no id here: their address is in no answer. */
export function decisionTable(decisions: readonly DecisionView[]): string {
  const rows = decisions.map(({ recipient, channel, outcome, state, dueAt, deliveryId, reason }) => [
    recipient === null ? 'nobody' : [recipient.kind, recipient.id ?? ''].join(' ').trim(),
    recipient?.role ?? '-',
    channel ?? '-',
    state ?? outcome,
    moment(dueAt),
    deliveryId ?? '-',
    reason ?? '-',
  ]);
  return table(['WHO', 'AS', 'CHANNEL', 'STATE', 'DUE', 'DELIVERY', 'REASON'], rows);
}
