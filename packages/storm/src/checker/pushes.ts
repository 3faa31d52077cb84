import type { DeliveryRow, Evidence, TakenPush } from './evidence.js';
import { type EvidenceIndex, grouped } from './evidence-index.js';
import { type Violation, violation } from './violation.js';

/** A device gets what is for its person, as long as it is on; and only its push service ends it. */
export function misdirected(evidence: Evidence, index: EvidenceIndex): Violation[] {
  const { pushes = [], devices = [], strangersVisits = 0 } = evidence;
  const found = pushes.flatMap((push) => {
    const delivery = index.deliveries.get(push.content?.deliveryId ?? '');
    const problem = problemOf(push, delivery, index);
    return problem ? [violation('misdirected', delivery ? [delivery.id] : [], problem)] : [];
  });
  if (strangersVisits > 0) {
    found.push(violation('misdirected', [], `We connected ${strangersVisits} times to the server of a stranger.`));
  }
  for (const { person, endpoint, isRegistered, endedFrom, state } of devices) {
    if (!isRegistered || endedFrom !== null || state === 'active') continue;
    found.push(violation('misdirected', [endpoint], `A device of ${person} that nobody has ended is ${state}.`));
  }
  return found;
}

/** What is recorded of a device has happened there. */
export function misrecorded({ pushes = [], pushAttempts = [] }: Evidence, index: EvidenceIndex): Violation[] {
  const taken = new Set(pushes.map(({ endpoint, content }) => `${content?.deliveryId} ${endpoint}`));
  return pushAttempts.flatMap(({ deliveryId, endpoint, state }) => {
    const isTrue: Record<string, () => boolean> = {
      accepted: () => taken.has(`${deliveryId} ${endpoint}`),
      gone: () => (index.devices.get(endpoint)?.endedFrom ?? null) !== null,
    };
    if (isTrue[state]?.() ?? true) return [];
    return [
      violation(
        'misrecorded',
        [deliveryId, endpoint],
        `A push is recorded as ${state}, and its service knows nothing of that.`,
      ),
    ];
  });
}

function problemOf({ endpoint, content, topic }: TakenPush, delivery: DeliveryRow | undefined, index: EvidenceIndex) {
  const device = index.devices.get(endpoint);
  if (!device) return 'A push went to a device that is nobody’s.';
  const { person, endedBy } = device;
  if (!content) return `${person} got a push that the browser cannot read.`;
  if (!delivery) return `${person} got a push of a delivery that does not exist.`;
  const { channel, address, recipientKey, ticketId } = delivery;
  if (channel !== 'push' || address !== person || !isOfAccount(recipientKey, person))
    return `${person} got a push that is for ${recipientKey}.`;
  if (content.ticketId !== ticketId) return `A push about ${ticketId} leads to ${content.ticketId}.`;
  if (content.tag !== topic) return `A push with the topic ${topic} has the tag ${content.tag}.`;
  return endedBy !== null && begunAt(delivery) > endedBy
    ? `${person} got a push after the device was ended.`
    : undefined;
}

function isOfAccount(recipientKey: string, person: string): boolean {
  return recipientKey === `bellhop:user:${person}` || recipientKey === `bellhop:agent:${person}`;
}

/** When its first attempt began at the earliest: only of the last one is that known. */
function begunAt({ tries, firstAt, attemptedAt }: DeliveryRow): number {
  return tries === 1 && attemptedAt !== null ? attemptedAt : firstAt;
}

/**
 * A device gets a push once. Each unanswered attempt may have arrived: that many more are explained, and harmless if they replace each
 * other. For that a ticket has one topic at a device, and no other ticket has it.
 */
export function pushedTwice({ pushes = [] }: Evidence, index: EvidenceIndex): Violation[] {
  const read = pushes.flatMap(({ endpoint, topic, content }) => (content ? [{ endpoint, topic, ...content }] : []));
  const copies = [...grouped(read, ({ deliveryId, endpoint }) => `${deliveryId} ${endpoint}`).values()];
  const found = copies.flatMap(([first, ...more]) => {
    const delivery = index.deliveries.get(first?.deliveryId ?? '');
    if (!delivery || more.length <= delivery.unknowns) return [];
    const says = `A device of ${delivery.address} got ${more.length + 1} pushes of one delivery (${delivery.unknowns} unanswered attempts).`;
    return [violation('notified_twice', [delivery.id], says)];
  });
  return [...found, ...mixed(read, 'ticketId', 'topic'), ...mixed(read, 'topic', 'ticketId')];
}

type ReadPush = { readonly endpoint: string; readonly deliveryId: string; topic: string | null; ticketId: string };

function mixed(read: readonly ReadPush[], of: 'ticketId' | 'topic', other: 'ticketId' | 'topic'): Violation[] {
  return [...grouped(read, (push) => `${push.endpoint} ${push[of]}`).values()].flatMap((group) => {
    const others = new Set(group.map((push) => push[other]));
    if (others.size <= 1) return [];
    const ids = group.map(({ deliveryId }) => deliveryId);
    const says = `Pushes with one ${of} have ${others.size} different values of ${other} at one device.`;
    return [violation('notified_twice', [...new Set(ids)], says)];
  });
}
