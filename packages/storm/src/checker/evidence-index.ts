import type { DeliveryRow, DeviceRecord, Evidence, ProviderMail } from './evidence.js';

/** Unanswered attempts after which a delivery is given up, if the provider has no idempotency keys. */
const MAX_UNKNOWNS = 2;

/** Longer than a process can be frozen or cut off. */
const SLACK_MS = 15_000;

const SETTLED = new Set(['accepted', 'dead', 'skipped']);
export const isSettled = ({ state }: DeliveryRow): boolean => SETTLED.has(state);

/** A ticket, a recipient and a channel: versions are compared within these. */
export interface NotificationKey {
  readonly system: string;
  readonly ticketId: string;
  readonly recipientKey: string;
  readonly channel: string;
}

/** The evidence with fast look-ups, and the questions that several checks share. */
export class EvidenceIndex {
  readonly deliveries: ReadonlyMap<string, DeliveryRow>;
  /** Entries of feeds and pushes, too. By the delivery in the mail. */
  readonly mails: ReadonlyMap<string, readonly ProviderMail[]>;
  /** By endpoint. */
  readonly devices: ReadonlyMap<string, DeviceRecord>;
  private readonly byPerson: ReadonlyMap<string, readonly DeviceRecord[]>;
  private readonly byKey: ReadonlyMap<string, readonly DeliveryRow[]>;
  readonly slackMs: number;
  private readonly seen = new Map<string, number>();
  private readonly requesters = new Map<string, Set<string>>();
  private readonly refused: ReadonlySet<string>;

  constructor(private readonly evidence: Evidence) {
    this.deliveries = new Map(evidence.deliveries.map((row) => [row.id, row]));
    const { mails, entries = [], devices = [], slackMs = SLACK_MS } = evidence;
    this.slackMs = slackMs;
    this.devices = new Map(devices.map((device) => [device.endpoint, device]));
    this.byPerson = grouped(devices, ({ person }) => person);
    this.mails = grouped([...mails, ...entries, ...this.pushed(evidence)], ({ deliveryId }) => deliveryId ?? '');
    this.byKey = grouped(evidence.deliveries, keyOf);
    this.refused = new Set(evidence.refusedAddresses);
    for (const { system, event } of evidence.committed) {
      const { ticket, requester } = event.data;
      const key = `${system} ${ticket.id}`;
      const requesters = this.requesters.get(key) ?? new Set();
      this.requesters.set(key, requesters.add(requester.kind === 'user' ? requester.id : requester.email));
      if (event.type !== 'ticket.seen.v1') continue;
      this.seen.set(key, Math.max(this.seen.get(key) ?? 0, ticket.version));
    }
  }

  /** Whether the provider has its mail, to the right address. */
  isDelivered(delivery: DeliveryRow): boolean {
    return (this.mails.get(delivery.id) ?? []).some(({ to }) => to === delivery.address);
  }

  /** Whether the requester has seen this version. */
  isSeen({ system, ticketId }: NotificationKey, version: number): boolean {
    return (this.seen.get(`${system} ${ticketId}`) ?? 0) >= version;
  }

  /**
   * Whether nobody needs a mail about this version any more: the provider has a mail that covers it, the requester has seen it, or the
   * delivery that covered it was rightly given up.
   */
  isCovered(to: NotificationKey, version: number, role: string): boolean {
    if (role === 'requester' && this.isSeen(to, version)) return true;
    const rivals = this.byKey.get(keyOf(to)) ?? [];
    return rivals.some((rival) => rival.version >= version && this.isDone(rival));
  }

  /** Whether the provider has its mail or the digest that covers it, or it was rightly given up. */
  private isDone(delivery: DeliveryRow): boolean {
    if ((delivery.state === 'accepted' && this.isDelivered(delivery)) || this.isRightlyGivenUp(delivery)) return true;
    return this.hadNoDevice(delivery) || this.isCoveredByDigest(delivery);
  }

  /**
   * A push that found its person without any browser, who has switched them off by then. After an unanswered attempt it is dead instead,
   * because nobody knows whether that arrived.
   */
  private hadNoDevice({ channel, state, reason, unknowns, address, settledAt }: DeliveryRow): boolean {
    const isEnded = (state === 'skipped' && reason === 'no_device') || (state === 'dead' && unknowns > 0);
    return channel === 'push' && isEnded && this.hasNoDevice(address, settledAt ?? 0);
  }

  /** Whether it was digested into a delivery to the same recipient that is done. */
  isCoveredByDigest({ foldedInto, recipientKey }: DeliveryRow): boolean {
    const other = foldedInto === null ? undefined : this.deliveries.get(foldedInto);
    return other !== undefined && other.recipientKey === recipientKey && this.isDone(other);
  }

  /** Whether an account had no browser to push to at a moment; not even one whose registration nobody acknowledged counts. */
  hasNoDevice(person: string | undefined, at: number): boolean {
    const devices = person === undefined ? [] : (this.byPerson.get(person) ?? []);
    return devices.every(
      ({ isRegistered, endedFrom }) => !isRegistered || (endedFrom !== null && endedFrom <= at + this.slackMs),
    );
  }

  /** Of several pushes of a delivery one: how many there may be is another question. */
  private pushed({ pushes = [] }: Evidence): ProviderMail[] {
    const firsts = new Map<string, ProviderMail>();
    for (const { endpoint, content } of pushes) {
      const to = this.devices.get(endpoint)?.person;
      if (content && to !== undefined)
        firsts.set(`${content.deliveryId} ${to}`, { deliveryId: content.deliveryId, to });
    }
    return [...firsts.values()];
  }

  /** Whether it ended for an outside reason: a refused address, or an SMTP server that left two attempts unanswered. */
  isRightlyGivenUp({ channel, state, reason, unknowns, address }: DeliveryRow): boolean {
    if (state !== 'dead' && state !== 'skipped') return false;
    if (this.refused.has(address)) return true;
    const isSmtp = channel === 'email' && this.evidence.provider === 'smtp';
    return isSmtp && state === 'dead' && reason === 'no_answer' && unknowns >= MAX_UNKNOWNS;
  }

  /** Whether the ticket has had more than one requester. */
  hasNewRequester({ system, ticketId }: NotificationKey): boolean {
    return (this.requesters.get(`${system} ${ticketId}`)?.size ?? 0) > 1;
  }
}

function keyOf({ system, ticketId, recipientKey, channel }: NotificationKey): string {
  return `${channel} ${recipientKey} ${system} ${ticketId}`;
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
