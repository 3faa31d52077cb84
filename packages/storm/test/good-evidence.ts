import type { TicketEvent } from '@bellhop/contracts/events';
import { buildEvent } from '@bellhop/contracts/testing';
import type { DeliveryRow, Evidence } from '../src/checker/evidence.js';

/** A ticket's life: groups of answers, each told of by one mail, or seen on the page before it was sent. */
export interface Life {
  readonly groups: readonly { readonly replies: number; readonly isSeen: boolean }[];
}

/** When all of it happened, in milliseconds since 1970. */
export const NOW = 1_000_000;

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };
export type Draft = Mutable<Evidence>;

/** What a run leaves behind in which every promise held. */
export function goodEvidence(lives: readonly Life[] = [{ groups: [{ replies: 2, isSeen: false }] }]): Draft {
  const draft: Draft = {
    provider: 'resend',
    agentsAddress: 'team@example.test',
    committed: [],
    writes: [{ id: 'write-1', isAcknowledged: true }],
    written: { 'write-1': 1 },
    mails: [],
    refusedAddresses: [],
    deliveries: [],
    decisions: [],
    frozenRequests: 0,
    ledger: [],
    streams: { TICKETS: [], INBOUND: [], INBOUND_2: [], GUESTS: [], NOTIFICATIONS: [], DEAD_LETTERS: [] },
    consumers: [{ stream: 'TICKETS', consumer: 'notifications', pending: 0, unacknowledged: 0 }],
    expectedDeadLetters: [],
  };
  for (const [index, life] of lives.entries()) live(draft, index, life);
  return draft;
}

function live(draft: Draft, index: number, { groups }: Life): void {
  const ticketId = `ticket-${index}`;
  const requester = { kind: 'user' as const, id: `u-${index}`, email: `u-${index}@example.com` };
  let version = 0;
  for (const { replies, isSeen } of groups) {
    const told = Array.from({ length: replies }, () => {
      version += 1;
      return buildEvent('ticket.replied.v1', { ticket: { id: ticketId, version }, requester });
    });
    for (const event of told) commit(draft, event);
    if (isSeen) {
      const seen = buildEvent('ticket.seen.v1', { ticket: { id: ticketId, version }, requester });
      commit(draft, seen);
      decide(draft, seen, '', null, 'nobody_hears');
    }
    const delivery = deliver(draft, told, version, isSeen ? ['skipped', 'seen'] : ['accepted', null]);
    for (const event of told) decide(draft, event, delivery.recipientKey, delivery.id, null);
  }
}

function commit(draft: Draft, event: TicketEvent): void {
  draft.committed.push({ system: 'bellhop', event });
  publish(draft, 'tickets', 'TICKETS', event.id, event.type);
}

function decide(
  draft: Draft,
  event: TicketEvent,
  recipientKey: string,
  deliveryId: string | null,
  reason: string | null,
): void {
  draft.decisions.push({
    system: 'bellhop',
    eventId: event.id,
    recipientKey,
    channel: 'email',
    deliveryId,
    reason,
    decidedAt: NOW,
  });
}

function deliver(
  draft: Draft,
  events: readonly TicketEvent[],
  version: number,
  [state, reason]: readonly [string, string | null],
): DeliveryRow {
  const { ticket, requester } = (events[0] as TicketEvent).data;
  const delivery: DeliveryRow = {
    id: `delivery-${draft.deliveries.length}`,
    system: 'bellhop',
    ticketId: ticket.id,
    version,
    recipientKey: `bellhop:user:${requester.kind === 'user' ? requester.id : ''}`,
    role: 'requester',
    address: requester.email ?? '',
    channel: 'email',
    eventIds: events.map(({ id }) => id),
    ...{
      state,
      reason,
      foldedInto: null,
      tries: state === 'accepted' ? 1 : 0,
      unknowns: 0,
      isLeased: false,
      firstAt: NOW,
      attemptedAt: state === 'accepted' ? NOW : null,
      settledAt: NOW,
      feedback: null,
    },
  };
  draft.deliveries.push(delivery);
  if (state === 'accepted') {
    const key = `batch-${draft.mails.length}`;
    draft.mails.push({ deliveryId: delivery.id, to: delivery.address, key, request: `request-${draft.mails.length}` });
  }
  const id = `about-${delivery.id}`;
  publish(draft, 'notifications', 'NOTIFICATIONS', id, `notification.${state}.v1`, delivery.id);
  return delivery;
}

function publish(
  draft: Draft,
  service: string,
  stream: 'TICKETS' | 'NOTIFICATIONS',
  eventId: string,
  type: string,
  deliveryId?: string,
): void {
  draft.ledger.push({ service, eventId, type, stream, ...(deliveryId && { deliveryId }) });
  const messages = draft.streams[stream] as { sequence: number; subject: string; eventId: string }[];
  messages.push({ sequence: messages.length + 1, subject: type, eventId });
}

/** Changes one row of a list. */
export function change<T>(list: T[], index: number, over: Partial<T>): void {
  list[index] = { ...(list[index] as T), ...over };
}

/** The same in the feed or over push: a delivery to the account of `u-0`, for the events of the first mail, with its decisions and its outcome. */
export function alsoOver(channel: 'feed' | 'push', over: Partial<DeliveryRow> = {}): Draft {
  const draft = goodEvidence();
  const [mail] = draft.deliveries as [DeliveryRow];
  const row = { ...mail, id: `over-${channel}`, channel, address: 'u-0', ...over };
  draft.deliveries.push(row);
  for (const eventId of row.eventIds) {
    const { system, recipientKey } = row;
    draft.decisions.push({ system, eventId, recipientKey, channel, deliveryId: row.id, reason: null, decidedAt: NOW });
  }
  publish(draft, 'notifications', 'NOTIFICATIONS', `about-${row.id}`, `notification.${row.state}.v1`, row.id);
  return draft;
}
