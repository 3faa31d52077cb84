import type { TicketEvent } from '@bellhop/contracts/events';
import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import { InvalidEventError } from '@bellhop/jetstream';
import { type Claim, claimEvents, type InboxKey } from '@bellhop/outbox';
import { GroupCommit, isTransientError } from '@bellhop/postgres';
import { Database, ErasedPeople } from '@bellhop/service';
import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { CHANNELS, type Channel, type SeenTicket } from '../channels/channel.js';
import { Settings } from '../config.js';
import { Dispatchers } from '../dispatch/dispatchers.js';
import { type Digest, type DigestedChannel, type DigestWindow, digestOf, mergeDigests } from '../planning/digest.js';
import { contentOf, type Fact, ticketKey } from '../planning/fact.js';
import { type Alert, type ChannelName, type Decision, plan, type SkipReason } from '../planning/plan.js';
import { identitiesOf, type Recipient, recipientsOf, requesterRecipient } from '../planning/recipients.js';
import { type NotificationKey, notificationKey } from './notification-key.js';
import { rolledBack } from './rolled-back.js';
import { type DecisionRow, storeDecisions } from './store-decisions.js';
import { type IntakeState, type KnownTicket, upsertTickets } from './upsert-tickets.js';

const CONSUMER = 'notifications';
/** Concurrent commits: while one waits for Postgres, this process prepares the other. A third one gained nothing. */
const LANES = 2;

/** What intake needs to know of a channel. */
type IntakeChannel = DigestedChannel & Pick<Channel, 'reached' | 'markSeen'>;

/** What follows from a batch once it is committed. */
interface Taken {
  readonly claims: Claim[];
  /** The channels over which something is due at once. */
  readonly dueNow: ReadonlySet<ChannelName>;
  readonly afterCommit: readonly (() => void)[];
}

interface Planned {
  readonly fact: Fact;
  readonly decision: Decision;
}

/** Turns facts into decisions and deliveries: many facts per transaction, each fact once. */
@Injectable()
export class IntakeService {
  private readonly lanes = Array.from(
    { length: LANES },
    () =>
      new GroupCommit<Fact, Claim>({
        commit: (facts) => this.commit(facts),
        isDataError: (error) => !isTransientError(error),
      }),
  );

  constructor(
    private readonly database: Database,
    @Inject(CHANNELS) private readonly channels: readonly IntakeChannel[],
    private readonly dispatchers: Dispatchers,
    private readonly settings: Settings,
    private readonly erased: ErasedPeople,
  ) {}

  /**
   * Resolves once the fact, its decisions and its deliveries are committed.
   * @returns false when they were committed before
   * @throws InvalidEventError `id_reused` when another fact was accepted under its id
   */
  async accept(fact: Fact): Promise<boolean> {
    const claim = await (this.lanes[laneOf(fact)] as GroupCommit<Fact, Claim>).add(fact);
    if (claim === 'reused') throw idReused();
    return claim === 'new';
  }

  /**
   * Does what {@link accept} does, reads the result by `read`, and rolls everything back.
   * @throws InvalidEventError `id_reused` when another fact was accepted under its id
   */
  async dryRun<T>(fact: Fact, read: (manager: EntityManager, isNew: boolean) => Promise<T>): Promise<T> {
    const dataSource = await this.database.whenReady();
    await this.erased.known;
    return rolledBack(dataSource, async (manager) => {
      const { claims } = await this.take(manager, [fact]);
      if (claims[0] === 'reused') throw idReused();
      return read(manager, claims[0] === 'new');
    });
  }

  private async commit(facts: Fact[]): Promise<Claim[]> {
    const dataSource = await this.database.whenBackgroundReady();
    await this.erased.known;
    const { claims, dueNow, afterCommit } = await dataSource.transaction((manager) => this.take(manager, facts));
    // failpoint: intake.committed
    for (const channel of dueNow) this.dispatchers.wake(channel);
    for (const tell of afterCommit) tell();
    return claims;
  }

  /** Claims facts, and decides about the new ones. */
  private async take(manager: EntityManager, facts: readonly Fact[]): Promise<Taken> {
    const claims = await claimEvents(manager, CONSUMER, facts.map(inboxKey));
    // failpoint: intake.claimed
    const fresh = facts.filter((_, index) => claims[index] === 'new');
    if (fresh.length === 0) return { claims, dueNow: new Set(), afterCommit: [] };
    const dueNow = await this.decide(manager, fresh);
    return { claims, dueNow, afterCommit: await this.markSeen(manager, fresh) };
  }

  /** Plans and stores decisions about new facts. Returns the channels over which something is due at once. */
  private async decide(manager: EntityManager, facts: readonly Fact[]): Promise<ReadonlySet<ChannelName>> {
    const late = facts.filter((fact) => this.isOfErased(fact));
    const others = facts.filter((fact) => !late.includes(fact)).map((fact) => this.withoutErasedAssignee(fact));
    const audiences = others.map((fact) => ({ fact, recipients: recipientsOf(fact, this.settings.agentsAddress) }));
    const keys = audiences.flatMap(({ fact, recipients }) =>
      recipients.flatMap((recipient) =>
        // Whom a channel cannot reach, it has never notified.
        this.channels
          .filter((channel) => channel.endpointOf(recipient) !== null)
          .map(({ name }) => keyOf(fact, recipient, name)),
      ),
    );
    const known = await upsertTickets(manager, others, keys);
    const recipients = audiences.flatMap((one) => one.recipients);
    const isReached = await this.whoIsReached(manager, recipients);
    const planned = audiences.flatMap(({ fact, recipients }) => {
      const knowledge = {
        notified: (recipient: Recipient, channel: ChannelName) =>
          known.notified.get(notificationKey(keyOf(fact, recipient, channel))) ?? 0,
        seen: ticketOf(known, fact).seen,
        isReached,
      };
      return plan(fact, recipients, knowledge, this.channels).map((decision) => ({ fact, decision }));
    });
    const { pending, overtaken } = this.digest(planned, known);
    const dropped = late.map((fact) => ({ fact, decision: { kind: 'nobody', reason: 'erased' } as const }));
    const decisions = [...planned, ...dropped].map((one) => decisionRow(one, pending, overtaken));
    await storeDecisions(manager, this.channels, pending.values(), decisions);
    // failpoint: intake.decided
    return new Set([...pending.values()].filter(({ dueAt }) => dueAt <= known.now).map(({ channel }) => channel));
  }

  /** Tells channels what requesters have seen, if anything: most batches have nothing of that kind. */
  private async markSeen(manager: EntityManager, facts: readonly Fact[]): Promise<(() => void)[]> {
    const seen = facts.filter((fact) => !this.isOfErased(fact)).flatMap(seenTicketOf);
    const afterCommit: (() => void)[] = [];
    for (const channel of seen.length > 0 ? this.channels : []) {
      if (channel.markSeen) afterCommit.push(await channel.markSeen(manager, seen));
    }
    return afterCommit;
  }

  /** Asks those channels that have to look up whether anything is behind an endpoint. */
  private async whoIsReached(manager: EntityManager, recipients: readonly Recipient[]) {
    const reached = new Map<ChannelName, ReadonlySet<string>>();
    for (const channel of this.channels) {
      if (!channel.reached) continue;
      const endpoints = new Set(recipients.flatMap((recipient) => channel.endpointOf(recipient) ?? []));
      reached.set(channel.name, endpoints.size > 0 ? await channel.reached(manager, [...endpoints]) : new Set());
    }
    return (channel: ChannelName, endpoint: string) => reached.get(channel)?.has(endpoint) ?? true;
  }

  /** Merges the alerts of one batch into digests, in the order of arrival. */
  private digest(planned: readonly Planned[], known: IntakeState) {
    const windows = new Map(this.channels.map(({ name, digestWindow }) => [name, digestWindow]));
    const pending = new Map<string, Digest>();
    const overtaken = new Set<Decision>();
    for (const { fact, decision } of planned) {
      if (decision.kind !== 'deliver') continue;
      const { alert } = decision;
      const key = notificationKey(keyOf(fact, alert.recipient, alert.channel));
      const window = windows.get(alert.channel) as DigestWindow;
      const next = digestOf(fact, alert, window, known.now);
      const earlier = pending.get(key);
      const { answered } = ticketOf(known, fact);
      const merged = earlier ? mergeDigests(earlier, next, answered, window) : next;
      if (merged) pending.set(key, merged);
      else overtaken.add(decision);
    }
    return { pending, overtaken };
  }

  /** A fact from before its requester was erased notifies nobody: neither that person, nor anybody who would learn of them. */
  private isOfErased({ system, event }: Fact): boolean {
    if (this.erased.isEmpty) return false;
    return this.erased.includes(new Date(event.time), ...identitiesOf(system, event.data.requester));
  }

  /** Treats the ticket of an erased agent as unassigned, so that the team is notified instead. */
  private withoutErasedAssignee(fact: Fact): Fact {
    const { assignee } = fact.event.data;
    if (!assignee || this.erased.isEmpty) return fact;
    if (!this.erased.includes(new Date(fact.event.time), ...identitiesOf(fact.system, assignee))) return fact;
    const { assignee: _, ...data } = fact.event.data;
    return { ...fact, event: { ...fact.event, data } as TicketEvent };
  }
}

function seenTicketOf({ system, event }: Fact): SeenTicket[] {
  if (event.type !== 'ticket.seen.v1') return [];
  const { ticket, requester } = event.data;
  return [{ recipient: requesterRecipient(system, requester), ticketId: ticket.id, version: ticket.version }];
}

/** Only events of other systems are compared by content. Our own ids are never reused: after a stream rollback the same events come again. */
function inboxKey({ system, event }: Fact): InboxKey {
  const key = { system, eventId: event.id };
  return system === OWN_SYSTEM ? key : { ...key, content: contentOf(event) };
}

function idReused(): InvalidEventError {
  const detail =
    'an event with this id and other content was accepted before: give each event its own id, and repeat an event unchanged under the same id';
  return new InvalidEventError('id_reused', detail);
}

/** All facts of a ticket use the same lane, so that they are committed in the order of arrival. */
function laneOf({ event }: Fact): number {
  const { id } = event.data.ticket;
  let sum = 0;
  for (let index = 0; index < id.length; index++) sum += id.charCodeAt(index);
  return sum % LANES;
}

function decisionRow(
  { fact, decision }: Planned,
  pending: ReadonlyMap<string, Digest>,
  overtaken: ReadonlySet<Decision>,
): DecisionRow {
  if (decision.kind === 'nobody') return rowOf(fact, null, decision.reason);
  if (decision.kind === 'skip') return rowOf(fact, decision, decision.reason);
  if (overtaken.has(decision)) return rowOf(fact, decision.alert, 'overtaken');
  const { recipient, channel } = decision.alert;
  const digest = pending.get(notificationKey(keyOf(fact, recipient, channel)));
  return rowOf(fact, decision.alert, null, digest?.version);
}

function rowOf(
  { system, event }: Fact,
  who: Pick<Alert, 'recipient' | 'channel'> | null,
  reason: SkipReason | null,
  version: number | null = null,
): DecisionRow {
  return {
    system,
    eventId: event.id,
    eventType: event.type,
    recipientKey: who?.recipient.key ?? '',
    channel: who?.channel ?? '',
    ticketId: event.data.ticket.id,
    version,
    reason,
  };
}

function keyOf(fact: Fact, recipient: Recipient, channel: ChannelName): NotificationKey {
  return { channel, recipientKey: recipient.key, system: fact.system, ticketId: fact.event.data.ticket.id };
}

function ticketOf(known: IntakeState, { system, event }: Fact): KnownTicket {
  return known.tickets.get(ticketKey({ system, ticketId: event.data.ticket.id })) ?? { seen: 0, answered: 0 };
}
