import type { TicketEvent } from '@bellhop/contracts/events';

/** All that the checker may know: what was collected after a run, as plain data. A report keeps it when something is wrong. */
export interface Evidence {
  /** `smtp` knows no idempotency keys: there a mail may come once more for each attempt that nobody answered. */
  readonly provider: 'resend' | 'smtp';
  /** `AGENTS_EMAIL`; without it nobody hears for the team. */
  readonly agentsAddress?: string;
  /** Events that are committed: rows of the outbox of `tickets`, and what other systems have in their streams or were acknowledged. */
  readonly committed: readonly CommittedEvent[];
  /** What writers asked for over HTTP. */
  readonly writes: readonly Write[];
  /** How often each write stands in the database of `tickets`, by its id. */
  readonly written: Readonly<Record<string, number>>;
  /** Tickets of guests whose right code was acknowledged. */
  readonly provenTickets?: readonly string[];
  /** Every mail that the provider has, copies included. */
  readonly mails: readonly ProviderMail[];
  /** Addresses that the provider was told to refuse for good. */
  readonly refusedAddresses: readonly string[];
  readonly deliveries: readonly DeliveryRow[];
  readonly decisions: readonly DecisionRow[];
  /** How many rows of sealed requests are left. */
  readonly frozenRequests: number;
  /** The outboxes of all services: the ledgers of their streams. */
  readonly ledger: readonly LedgerRow[];
  readonly streams: Readonly<Record<StreamName, readonly StreamMessage[]>>;
  readonly consumers: readonly ConsumerState[];
  /** What a provider with webhooks has reported. Without webhooks: absent. */
  readonly feedback?: readonly Feedback[];
  /** Ids of events that had to become dead letters. */
  readonly expectedDeadLetters: readonly string[];
  /** Processes that ended though nobody ended them. Absent where a spec makes them do so. */
  readonly unexpectedEnds?: readonly { readonly process: string; readonly lastLines: string }[];
}

export type StreamName = 'TICKETS' | 'INBOUND' | 'INBOUND_2' | 'GUESTS' | 'NOTIFICATIONS' | 'DEAD_LETTERS';

export interface CommittedEvent {
  readonly system: string;
  readonly event: TicketEvent;
}

export interface Write {
  readonly id: string;
  /** Answered by 2xx. One that was not may be there or not, but never twice. */
  readonly isAcknowledged: boolean;
}

export interface ProviderMail {
  /** The delivery that the mail names, null when it names none. */
  readonly deliveryId: string | null;
  readonly to: string;
  /** The key of the request that brought it, where the provider knows keys. */
  readonly key?: string;
  /** The request, as the provider counts requests that it carried out: two under one key is one too many. */
  readonly request?: string;
}

export interface DeliveryRow {
  readonly id: string;
  readonly system: string;
  readonly ticketId: string;
  readonly version: number;
  readonly recipientKey: string;
  readonly role: string;
  readonly address: string;
  readonly channel: string;
  readonly eventIds: readonly string[];
  readonly state: string;
  readonly reason: string | null;
  /** Another one that tells of it, too: many mails to the team become one. */
  readonly foldedInto: string | null;
  readonly tries: number;
  readonly unknowns: number;
  readonly isLeased: boolean;
  /** What webhooks said of it; null where nothing, or where there is no such column. */
  readonly feedback: string | null;
}

export interface DecisionRow {
  readonly system: string;
  readonly eventId: string;
  /** Empty where nobody hears of the event. */
  readonly recipientKey: string;
  readonly channel: string;
  readonly deliveryId: string | null;
  readonly reason: string | null;
}

export interface LedgerRow {
  readonly service: string;
  readonly eventId: string;
  readonly type: string;
  /** Null while it is not published. */
  readonly stream: string | null;
  /** The delivery that a `notification.*` event tells of. */
  readonly deliveryId?: string;
}

export interface StreamMessage {
  readonly sequence: number;
  readonly subject: string;
  /** The `id` of the event in it, `Nats-Msg-Id` where there is none. */
  readonly eventId: string;
}

export interface ConsumerState {
  readonly stream: string;
  readonly consumer: string;
  readonly pending: number;
  readonly unacknowledged: number;
}

export interface Feedback {
  readonly deliveryId: string;
  readonly state: 'delivered' | 'bounced' | 'complained';
  /** Acknowledged by us. The provider gives up at some time. */
  readonly isTaken: boolean;
}
