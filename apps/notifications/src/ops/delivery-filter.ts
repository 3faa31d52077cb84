import type { DeliveryState } from '@bellhop/contracts/http';
import { STUCK_STATES } from '../dispatch/delivery-states.js';

export interface DeliveryFilter {
  readonly state?: DeliveryState | undefined;
  readonly system?: string | undefined;
  /** The stable word that a reason begins with. */
  readonly reason?: string | undefined;
  /** Id or number; ours in whatever case. */
  readonly ticket?: string | undefined;
}

/** A condition on `deliveries d` with three parameters, the first of which is numbered `from`. */
export function filterSql({ state }: DeliveryFilter, from: number): string {
  const [system, reason, ticket] = [`$${from}::text`, `$${from + 1}::text`, `$${from + 2}::text`];
  return [
    // A word of a closed list, written out: with a parameter the planner does not see that the index of stuck ones serves.
    state ? `${STUCK_STATES.includes(state) ? `(d.state || '')` : 'd.state'} = '${state}'` : 'true',
    `(${system} is null or d.system = ${system})`,
    `(${reason} is null or split_part(d.reason, ':', 1) = ${reason})`,
    `(${ticket} is null or d.ticket_id in (${ticket}, lower(${ticket})) or d.ticket_number in (${ticket}, upper(${ticket})))`,
  ].join(' and ');
}

export function filterParameters({ system, reason, ticket }: DeliveryFilter): (string | null)[] {
  return [system ?? null, reason ?? null, ticket ?? null];
}
