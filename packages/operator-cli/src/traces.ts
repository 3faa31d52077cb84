import type { DeliveryTrace, ExplainedDecision } from '@bellhop/contracts/http';
import { deviceTable } from './devices.js';
import { facts, moment } from './table.js';

/** Each delivery of an event: its attempts, what the provider said when it took the message, and what it reported afterwards. */
export function describeDeliveries(decisions: readonly ExplainedDecision[]): string[] {
  return decisions.flatMap((decision) => (decision.delivery ? [describe(decision, decision.delivery)] : []));
}

function describe({ deliveryId, channel, state, reason }: ExplainedDecision, trace: DeliveryTrace): string {
  const { template, attempts, unknowns, attemptedAt, settledAt, providerRef, feedback, copies, foldedInto, devices } =
    trace;
  const text = facts([
    ['delivery', `${deliveryId}, ${template}, by ${channel}`],
    ['state', [state, settledAt && `since ${moment(settledAt)}`, reason && `(${reason})`].filter(Boolean).join(' ')],
    ['attempts', `${attempts}, of which unanswered: ${unknowns}; last ${moment(attemptedAt)}`],
    ['provider', providerRef ?? '-'],
    ['reported', feedback === null ? '-' : `${feedback.kind} ${moment(feedback.at)}`],
    ...(copies > 0 ? [['copies', `sent ${copies} times more, on purpose`] as const] : []),
    ...(foldedInto === null ? [] : [['told by', foldedInto] as const]),
  ]);
  return devices.length > 0 ? `${text}\n\n${deviceTable(devices)}` : text;
}
