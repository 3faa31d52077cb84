import type { DeliveryState } from '@bellhop/contracts/http';
import { STUCK_STATES } from '../dispatch/delivery-states.js';

export interface DeliveryFilter {
  readonly state?: DeliveryState | undefined;
  readonly system?: string | undefined;
  /** The stable code that a reason begins with. */
  readonly reason?: string | undefined;
  /** Id or number; ours in upper or lower case. */
  readonly ticket?: string | undefined;
}

/** A condition on `deliveries d` with three parameters, numbered from `from`. */
export function filterSql({ state }: DeliveryFilter, from: number): string {
  const [system, reason, ticket] = [`$${from}::text`, `$${from + 1}::text`, `$${from + 2}::text`];
  return [
    // A value of a closed list, written as a literal: with a parameter the planner would not use the index `deliveries_stuck`.
    state ? `${STUCK_STATES.includes(state) ? `(d.state || '')` : 'd.state'} = '${state}'` : 'true',
    `(${system} is null or d.system = ${system})`,
    `(${reason} is null or split_part(d.reason, ':', 1) = ${reason})`,
    `(${ticket} is null or d.ticket_id in (${ticket}, lower(${ticket})) or d.ticket_number in (${ticket}, upper(${ticket})))`,
  ].join(' and ');
}

export function filterParameters({ system, reason, ticket }: DeliveryFilter): (string | null)[] {
  return [system ?? null, reason ?? null, ticket ?? null];
}
