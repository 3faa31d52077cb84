import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import type { CommittedEvent, DecisionRow, DeliveryRow, Evidence } from './evidence.js';
import { type Expected, expectedOf } from './expectations.js';
import { isSettled, type Standing, type Telling } from './standing.js';
import { type Violation, violation } from './violation.js';

interface Hearing {
  readonly expected: Expected;
  readonly version: number;
  readonly to: Telling;
  readonly fact: CommittedEvent;
}

/** Every event reaches everybody whom it concerns, or there is a reason why not that the evidence bears out. */
export function lost(evidence: Evidence, standing: Standing): Violation[] {
  const decisions = new Map(evidence.decisions.map((row) => [`${row.system} ${row.eventId} ${row.recipientKey}`, row]));
  const found: Violation[] = [];
  for (const fact of evidence.committed) {
    const { system, event } = fact;
    const { id: ticketId, version } = event.data.ticket;
    for (const expected of expectedOf(fact, evidence.agentsAddress)) {
      const hearing = { expected, version, fact, to: { system, ticketId, recipientKey: expected.key } };
      const decision = decisions.get(`${system} ${event.id} ${expected.key}`);
      const problem = decision ? problemOf(hearing, decision, standing) : `nothing was decided for ${named(expected)}`;
      if (!problem) continue;
      const ids = [event.id, ...(decision?.deliveryId ? [decision.deliveryId] : [])];
      found.push(violation('lost', ids, `${event.type} v${version} of ${system} ticket ${ticketId}: ${problem}.`));
    }
  }
  return [...found, ...unwritten(evidence), ...unopened(evidence)];
}

function problemOf(hearing: Hearing, decision: DecisionRow, standing: Standing): string | undefined {
  const { expected } = hearing;
  if (decision.deliveryId === null) return unjustified(hearing, decision.reason, standing, hearing.version);
  const delivery = standing.deliveries.get(decision.deliveryId);
  if (!delivery) return `the delivery ${decision.deliveryId} to ${named(expected)} does not exist`;
  if (delivery.recipientKey !== expected.key) return `its delivery goes to ${delivery.recipientKey}`;
  if (delivery.version < hearing.version) return `its delivery ${delivery.id} tells only of v${delivery.version}`;
  // What is still under way is not lost yet; `stuck` has a word to say about it.
  if (!isSettled(delivery)) return undefined;
  if (delivery.state === 'accepted') {
    return standing.isDelivered(delivery) ? undefined : `${delivery.id} is accepted, but the provider has no such mail`;
  }
  return unsent(hearing, delivery, standing);
}

function unsent(hearing: Hearing, delivery: DeliveryRow, standing: Standing): string | undefined {
  if (delivery.reason === 'folded' && standing.isToldByAnother(delivery)) return undefined;
  if (delivery.state === 'skipped') return unjustified(hearing, delivery.reason, standing, delivery.version);
  if (standing.isRightlyGivenUp(delivery)) return undefined;
  // An attempt without an answer that was overtaken before the next one is dead, because nobody knows whether it arrived.
  const isOvertaken = delivery.unknowns > 0 && standing.isCovered(hearing.to, delivery.version, hearing.expected.role);
  return isOvertaken
    ? undefined
    : `${delivery.id} is dead (${delivery.reason}, ${delivery.unknowns} without an answer)`;
}

/** Whether the reason for which somebody was not told is borne out; if not, a sentence. */
function unjustified(
  { expected, to, fact }: Hearing,
  reason: string | null,
  standing: Standing,
  version: number,
): string | undefined {
  const { actor, assignee } = fact.event.data;
  const isTrue: Record<string, () => boolean> = {
    nobody_hears: () => expected.role === 'nobody',
    no_address: () => expected.address === undefined,
    own_action: () => expected.role === 'assignee' && actor.kind === 'agent' && actor.id === assignee?.id,
    overtaken: () => standing.isCovered(to, version, expected.role),
    folded: () => standing.isCovered(to, version + 1, expected.role),
    seen: () => expected.role === 'requester' && standing.isSeen(to, version),
    requester_changed: () => expected.role === 'requester' && standing.hasNewRequester(to),
    address_suppressed: () => standing.isCovered(to, version, expected.role) || isRefused(expected, standing),
  };
  if (isTrue[reason ?? '']?.()) return undefined;
  return `${named(expected)} was not told (${reason}), and nothing shows that this is so`;
}

function isRefused({ address }: Expected, standing: Standing): boolean {
  return [...standing.deliveries.values()].some((row) => row.address === address && standing.isRightlyGivenUp(row));
}

/** An acknowledged write is there, and no write is there twice. */
function unwritten({ writes, written }: Evidence): Violation[] {
  return writes.flatMap(({ id, isAcknowledged }) => {
    const times = written[id] ?? 0;
    if (times > 1) return [violation('told_twice', [id], `The write ${id} was carried out ${times} times.`)];
    if (times === 1 || !isAcknowledged) return [];
    return [violation('lost', [id], `The write ${id} was acknowledged over HTTP and is not in the database.`)];
  });
}

/** Whoever has proven a mailbox has an open ticket. */
function unopened({ provenTickets = [], committed }: Evidence): Violation[] {
  const created = committed.filter(({ system, event }) => system === OWN_SYSTEM && event.type === 'ticket.created.v1');
  const open = new Set(created.map(({ event }) => event.data.ticket.id));
  return provenTickets
    .filter((id) => !open.has(id))
    .map((id) =>
      violation('lost', [id], `The address of the guest's ticket ${id} is proven, and the ticket was never opened.`),
    );
}

const named = ({ key, role }: Expected): string => (key === '' ? 'nobody' : `${role} ${key}`);
