import type { TicketEvent } from '@bellhop/contracts/events';
import type { FeedState } from '@bellhop/contracts/http';

/** The checker's only input: what was collected after a run, as plain data. Kept beside the report when something is wrong. */
export interface Evidence {
  /** `smtp` has no idempotency keys: each unanswered attempt may cause one more copy of a mail. */
  readonly provider: 'resend' | 'smtp';
  /** `AGENTS_EMAIL`; without it the team is not notified. */
  readonly agentsAddress?: string;
  /** Events that are committed: rows of the outbox of `tickets`, and events of other systems that are in a stream or were acknowledged. */
  readonly committed: readonly CommittedEvent[];
  /** Writes that were requested over HTTP. */
  readonly writes: readonly Write[];
  /** How often each write is in the database of `tickets`, by its id. */
  readonly written: Readonly<Record<string, number>>;
  /** Tickets of guests whose right code was acknowledged. */
  readonly provenTickets?: readonly string[];
  /** Every mail that the provider has, copies included. */
  readonly mails: readonly ProviderMail[];
  /** Entries of feeds, as if they were mails to an account. Absent where only mails were looked at. */
  readonly entries?: readonly FeedEntry[];
  /** How the pages that are open show each feed. Absent where no page can be open, because no process is ready. */
  readonly pages?: readonly Page[];
  /** Browsers of people with an account. Absent where only mails were looked at. */
  readonly devices?: readonly DeviceRecord[];
  /** Every push that the push service has taken, copies included. */
  readonly pushes?: readonly TakenPush[];
  /** What our database says became of pushes: the last attempt for each delivery and device. */
  readonly pushAttempts?: readonly PushAttempt[];
  /** Connections that we made to the server of a stranger, who registered it as the endpoint of a browser. */
  readonly strangersVisits?: number;
  /**
   * How much may lie between the moment at which a process has looked and the one that it records, which may be the begin of its
   * transaction or of the next attempt. In milliseconds, default 15,000: processes are frozen and cut off in between.
   */
  readonly slackMs?: number;
  /** Addresses that the provider was told to refuse for good. */
  readonly refusedAddresses: readonly string[];
  readonly deliveries: readonly DeliveryRow[];
  readonly decisions: readonly DecisionRow[];
  /** How many encrypted requests are still stored. */
  readonly frozenRequests: number;
  /** How often a process that sends has ended and was started again. Default 0. */
  readonly restarts?: number;
  /** The outboxes of all services: the ledgers of their streams. */
  readonly ledger: readonly LedgerRow[];
  readonly streams: Readonly<Record<StreamName, readonly StreamMessage[]>>;
  readonly consumers: readonly ConsumerState[];
  /** What a provider with webhooks has reported; absent for one without. */
  readonly feedback?: readonly Feedback[];
  /** Ids of events that must become dead letters. */
  readonly expectedDeadLetters: readonly string[];
  /** Processes that ended by themselves. Absent where a spec makes them crash. */
  readonly unexpectedEnds?: readonly { readonly process: string; readonly lastLines: string }[];
}

export type StreamName = 'TICKETS' | 'INBOUND' | 'INBOUND_2' | 'GUESTS' | 'NOTIFICATIONS' | 'DEAD_LETTERS';

export interface CommittedEvent {
  readonly system: string;
  readonly event: TicketEvent;
}

export interface Write {
  readonly id: string;
  /** Answered by 2xx. A write without that may be stored or not, but never twice. */
  readonly isAcknowledged: boolean;
}

export interface ProviderMail {
  /** The delivery that the mail names, null when it names none. */
  readonly deliveryId: string | null;
  readonly to: string;
  /** The idempotency key of its request, if the provider has keys. */
  readonly key?: string;
  /** Identifies the executed request: two requests under one key are one too many. */
  readonly request?: string;
}

export interface FeedEntry extends ProviderMail {
  readonly isSeen: boolean;
}

/** What a page showed at the end, and how the feed of its person stood. */
export interface Page {
  readonly person: string;
  /** Null: it was never told. */
  readonly told: FeedState | null;
  readonly stands: FeedState;
  /** It was told of an older state than it knew. */
  readonly hasGoneBack: boolean;
}

/** A browser in which somebody has switched push on. Times in milliseconds since 1970. */
export interface DeviceRecord {
  readonly person: string;
  readonly endpoint: string;
  /** The registration was acknowledged, before anything happened to the person. */
  readonly isRegistered: boolean;
  /** When its person or its push service began to end it; null: nobody did. */
  readonly endedFrom: number | null;
  /** When that was acknowledged to its person; null: not, or the push service alone knows. */
  readonly endedBy: number | null;
  /** What our database says of it; null if it is not there. */
  readonly state: string | null;
}

export interface TakenPush {
  readonly endpoint: string;
  /** When it arrived, in milliseconds since 1970. */
  readonly at: number;
  readonly topic: string | null;
  /** Null: the browser cannot read it. */
  readonly content: PushContent | null;
}

export interface PushAttempt {
  readonly deliveryId: string;
  readonly endpoint: string;
  /** Such as `accepted` or `gone`. */
  readonly state: string;
}

/** What a browser reads in a push. */
export interface PushContent {
  readonly deliveryId: string;
  readonly ticketId: string;
  readonly tag: string;
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
  /** The delivery whose mail covers this one, too: many mails to the team are digested. */
  readonly foldedInto: string | null;
  readonly tries: number;
  readonly unknowns: number;
  readonly isLeased: boolean;
  /** When its first event arrived, its last attempt began, and it was settled, in milliseconds since 1970. */
  readonly firstAt: number;
  readonly attemptedAt: number | null;
  readonly settledAt: number | null;
  /** What webhooks reported about it; null for nothing, or without such a column. */
  readonly feedback: string | null;
}

export interface DecisionRow {
  readonly system: string;
  readonly eventId: string;
  /** Empty if nobody is notified of the event. */
  readonly recipientKey: string;
  readonly channel: string;
  readonly deliveryId: string | null;
  readonly reason: string | null;
  /** Milliseconds since 1970. */
  readonly decidedAt: number;
}

export interface LedgerRow {
  readonly service: string;
  readonly eventId: string;
  readonly type: string;
  /** Null while it is not published. */
  readonly stream: string | null;
  /** The delivery that a `notification.*` event is about. */
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
  /** Acknowledged by us. The provider stops trying after some time. */
  readonly isTaken: boolean;
}
