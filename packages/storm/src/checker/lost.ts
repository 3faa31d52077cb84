import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import type { CommittedEvent, DecisionRow, DeliveryRow, Evidence } from './evidence.js';
import { type EvidenceIndex, isSettled, type NotificationKey } from './evidence-index.js';
import { type Channel, type Expected, expectedOf } from './expectations.js';
import { type Violation, violation } from './violation.js';

interface Expectation {
  readonly expected: Expected;
  readonly version: number;
  readonly key: NotificationKey;
  readonly committed: CommittedEvent;
}

/** Every event reaches all its recipients, unless the evidence confirms the recorded reason why not. */
export function lost(evidence: Evidence, index: EvidenceIndex): Violation[] {
  const decisions = new Map(evidence.decisions.map((row) => [decisionKey(row.eventId, row), row]));
  const found: Violation[] = [];
  for (const committed of evidence.committed) {
    const { system, event } = committed;
    const { id: ticketId, version } = event.data.ticket;
    for (const expected of expectedOf(committed, evidence.agentsAddress, channelsOf(evidence))) {
      const key = { system, ticketId, recipientKey: expected.key, channel: expected.channel };
      const expectation = { expected, version, committed, key };
      const decision = decisions.get(decisionKey(event.id, key));
      const problem = decision ? problemOf(expectation, decision, index) : `no decision for ${named(expected)}`;
      if (!problem) continue;
      const ids = [event.id, ...(decision?.deliveryId ? [decision.deliveryId] : [])];
      found.push(violation('lost', ids, `${event.type} v${version} of ${system} ticket ${ticketId}: ${problem}.`));
    }
  }
  return [...found, ...unwritten(evidence), ...unopened(evidence)];
}

/** An event that nobody hears of has one decision, whichever channels there are. */
function decisionKey(eventId: string, { system, recipientKey, channel }: Omit<NotificationKey, 'ticketId'>): string {
  return `${system} ${eventId} ${recipientKey === '' ? '' : `${recipientKey} ${channel}`}`;
}

function channelsOf({ entries, devices }: Evidence): Channel[] {
  return ['email', ...(entries ? ['feed' as const] : []), ...(devices ? ['push' as const] : [])];
}

function problemOf(expectation: Expectation, decision: DecisionRow, index: EvidenceIndex): string | undefined {
  const { expected } = expectation;
  if (decision.deliveryId === null) return unjustified(expectation, decision.reason, index, decision.decidedAt);
  const delivery = index.deliveries.get(decision.deliveryId);
  if (!delivery) return `the delivery ${decision.deliveryId} to ${named(expected)} does not exist`;
  if (delivery.recipientKey !== expected.key) return `its delivery goes to ${delivery.recipientKey}`;
  if (delivery.version < expectation.version) return `its delivery ${delivery.id} only covers v${delivery.version}`;
  // Not lost yet: `stuck` reports deliveries that are not settled.
  if (!isSettled(delivery)) return undefined;
  if (delivery.state === 'accepted') {
    return index.isDelivered(delivery) ? undefined : `${delivery.id} is accepted, but the provider has no such mail`;
  }
  return unsent(expectation, delivery, index);
}

function unsent(expectation: Expectation, delivery: DeliveryRow, index: EvidenceIndex): string | undefined {
  if (delivery.reason === 'folded' && index.isCoveredByDigest(delivery)) return undefined;
  const { version, settledAt } = delivery;
  if (delivery.state === 'skipped')
    return unjustified({ ...expectation, version }, delivery.reason, index, settledAt ?? 0);
  if (index.isRightlyGivenUp(delivery)) return undefined;
  // A delivery that is pointless after an unanswered attempt is dead, because nobody knows whether that arrived.
  const isPointless =
    index.isCovered(expectation.key, version, expectation.expected.role) ||
    (delivery.channel === 'push' && index.hasNoDevice(delivery.address, settledAt ?? 0));
  return delivery.unknowns > 0 && isPointless
    ? undefined
    : `${delivery.id} is dead (${delivery.reason}, ${delivery.unknowns} unanswered attempts)`;
}

/** Undefined if the evidence confirms the reason that was given then for not notifying somebody; otherwise a sentence. */
function unjustified(
  { expected, key, committed, version }: Expectation,
  reason: string | null,
  index: EvidenceIndex,
  then: number,
): string | undefined {
  const { actor, assignee } = committed.event.data;
  const isTrue: Record<string, () => boolean> = {
    nobody_hears: () => expected.role === 'nobody',
    no_address: () => expected.channel === 'email' && expected.address === undefined,
    no_endpoint: () => expected.channel === 'feed' && expected.address === undefined,
    no_device: () => expected.channel === 'push' && index.hasNoDevice(expected.address, then),
    not_on_channel: () => expected.channel === 'push' && committed.event.type === 'ticket.created.v1',
    own_action: () => expected.role === 'assignee' && actor.kind === 'agent' && actor.id === assignee?.id,
    overtaken: () => index.isCovered(key, version, expected.role),
    folded: () => index.isCovered(key, version + 1, expected.role),
    seen: () => expected.role === 'requester' && index.isSeen(key, version),
    requester_changed: () => expected.role === 'requester' && index.hasNewRequester(key),
    address_suppressed: () => index.isCovered(key, version, expected.role) || isRefused(expected, index),
  };
  if (isTrue[reason ?? '']?.()) return undefined;
  return `${named(expected)} was not notified (${reason}), and the evidence does not confirm that reason`;
}

function isRefused({ address }: Expected, index: EvidenceIndex): boolean {
  return [...index.deliveries.values()].some((row) => row.address === address && index.isRightlyGivenUp(row));
}

/** An acknowledged write is stored, and no write is stored twice. */
function unwritten({ writes, written }: Evidence): Violation[] {
  return writes.flatMap(({ id, isAcknowledged }) => {
    const times = written[id] ?? 0;
    if (times > 1) return [violation('notified_twice', [id], `The write ${id} was executed ${times} times.`)];
    if (times === 1 || !isAcknowledged) return [];
    return [violation('lost', [id], `The write ${id} was acknowledged over HTTP and is not in the database.`)];
  });
}

/** The ticket of a guest who has proven the mailbox is open. */
function unopened({ provenTickets = [], committed }: Evidence): Violation[] {
  const created = committed.filter(({ system, event }) => system === OWN_SYSTEM && event.type === 'ticket.created.v1');
  const open = new Set(created.map(({ event }) => event.data.ticket.id));
  return provenTickets
    .filter((id) => !open.has(id))
    .map((id) =>
      violation('lost', [id], `The address of the guest's ticket ${id} is proven, and the ticket was never opened.`),
    );
}

const named = ({ key, role, channel }: Expected): string => (key === '' ? 'nobody' : `${role} ${key} over ${channel}`);
