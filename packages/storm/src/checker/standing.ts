import type { DeliveryRow, Evidence, ProviderMail } from './evidence.js';

/** Attempts without an answer after which a provider without idempotency keys is given up on. */
const MAX_UNKNOWNS = 2;

const SETTLED = new Set(['accepted', 'dead', 'skipped']);
export const isSettled = ({ state }: DeliveryRow): boolean => SETTLED.has(state);

/** Which ticket, and to whom: what versions are compared within. */
export interface Telling {
  readonly system: string;
  readonly ticketId: string;
  readonly recipientKey: string;
}

/** The evidence, made quick to ask, and the few questions that several promises have in common. */
export class Standing {
  readonly deliveries: ReadonlyMap<string, DeliveryRow>;
  /** By the delivery that they name. */
  readonly mails: ReadonlyMap<string, readonly ProviderMail[]>;
  private readonly byTelling: ReadonlyMap<string, readonly DeliveryRow[]>;
  private readonly seen = new Map<string, number>();
  private readonly requesters = new Map<string, Set<string>>();
  private readonly refused: ReadonlySet<string>;

  constructor(private readonly evidence: Evidence) {
    this.deliveries = new Map(evidence.deliveries.map((row) => [row.id, row]));
    this.mails = grouped(evidence.mails, ({ deliveryId }) => deliveryId ?? '');
    this.byTelling = grouped(evidence.deliveries, telling);
    this.refused = new Set(evidence.refusedAddresses);
    for (const { system, event } of evidence.committed) {
      const { ticket, requester } = event.data;
      const key = `${system} ${ticket.id}`;
      const known = this.requesters.get(key) ?? new Set();
      this.requesters.set(key, known.add(requester.kind === 'user' ? requester.id : requester.email));
      if (event.type !== 'ticket.seen.v1') continue;
      this.seen.set(key, Math.max(this.seen.get(key) ?? 0, ticket.version));
    }
  }

  /** The provider has a mail of it, to the right person. */
  isDelivered(delivery: DeliveryRow): boolean {
    return (this.mails.get(delivery.id) ?? []).some(({ to }) => to === delivery.address);
  }

  /** The requester has had this version on the screen. */
  isSeen({ system, ticketId }: Telling, version: number): boolean {
    return (this.seen.get(`${system} ${ticketId}`) ?? 0) >= version;
  }

  /**
   * Nothing of this version is owed any more: a mail that covers it is at the provider, the requester saw it, or what
   * covered it was given up for a reason that counts.
   */
  isCovered(to: Telling, version: number, role: string): boolean {
    if (role === 'requester' && this.isSeen(to, version)) return true;
    const rivals = this.byTelling.get(telling(to)) ?? [];
    return rivals.some((rival) => rival.version >= version && this.isDone(rival));
  }

  /** It is at the provider, by itself or within the one that it was folded into, or was given up for a reason that counts. */
  private isDone(delivery: DeliveryRow): boolean {
    if ((delivery.state === 'accepted' && this.isDelivered(delivery)) || this.isRightlyGivenUp(delivery)) return true;
    return this.isToldByAnother(delivery);
  }

  /** The one that it was folded into went to the same people, and that is done. */
  isToldByAnother({ foldedInto, recipientKey }: DeliveryRow): boolean {
    const other = foldedInto === null ? undefined : this.deliveries.get(foldedInto);
    return other !== undefined && other.recipientKey === recipientKey && this.isDone(other);
  }

  /** Dead for a reason that lies outside: a refused address, or an SMTP server that twice gave no answer. */
  isRightlyGivenUp({ state, reason, unknowns, address }: DeliveryRow): boolean {
    if (state !== 'dead' && state !== 'skipped') return false;
    if (this.refused.has(address)) return true;
    return state === 'dead' && reason === 'no_answer' && this.evidence.provider === 'smtp' && unknowns >= MAX_UNKNOWNS;
  }

  /** The ticket has changed hands at some time. */
  hasNewRequester({ system, ticketId }: Telling): boolean {
    return (this.requesters.get(`${system} ${ticketId}`)?.size ?? 0) > 1;
  }
}

function telling({ system, ticketId, recipientKey }: Telling): string {
  return `${recipientKey} ${system} ${ticketId}`;
}

export function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
