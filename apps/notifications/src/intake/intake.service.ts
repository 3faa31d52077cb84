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
import { type Digest, digestOf, mergeDigests } from '../planning/digest.js';
import { contentOf, type Fact, ticketKey } from '../planning/fact.js';
import { type ChannelName, type Decision, type PlannedChannel, plan, type SkipReason } from '../planning/plan.js';
import { identitiesOf, type Recipient, recipientsOf, requesterRecipient } from '../planning/recipients.js';
import type { PersonAndTicket, PersonalChoice } from '../preferences/load-person-settings.js';
import { type NotificationKey, notificationKey } from './notification-key.js';
import { rolledBack } from './rolled-back.js';
import { type DecisionRow, storeDecisions } from './store-decisions.js';
import { type IntakeState, type KnownTicket, upsertTickets } from './upsert-tickets.js';

const CONSUMER = 'notifications';
/** Concurrent commits: while one waits for Postgres, this process prepares the other. A third one gained nothing. */
const LANES = 2;

/** What intake needs to know of a channel. */
type IntakeChannel = PlannedChannel & Pick<Channel, 'reached' | 'markSeen'>;

/** What follows from a batch once it is committed. */
interface Taken {
  readonly claims: Claim[];
  /** The channels over which something is due at once. */
  readonly dueNow: ReadonlySet<ChannelName>;
  readonly afterCommit: readonly (() => void)[];
}

/** A fact with the people who may have to be notified of it. */
interface Audience {
  readonly fact: Fact;
  readonly recipients: readonly Recipient[];
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
    const known = await upsertTickets(manager, others, this.keysOf(audiences));
    const planned = await this.plan(manager, audiences, known);
    const { pending, overtaken } = this.digest(planned, known);
    const dropped = late.map((fact) => ({ fact, decision: { kind: 'nobody', reason: 'erased' } as const }));
    const decisions = [...planned, ...dropped].map((one) => decisionRow(one, pending, overtaken));
    await storeDecisions(manager, pending.values(), decisions);
    // failpoint: intake.decided
    return new Set([...pending.values()].filter(({ dueAt }) => dueAt <= known.now).map(({ channel }) => channel));
  }

  /** Who may be notified over which channel: whom a channel cannot reach, it has never notified. */
  private keysOf(audiences: readonly Audience[]): NotificationKey[] {
    return audiences.flatMap(({ fact, recipients }) =>
      recipients.flatMap((recipient) =>
        this.channels
          .filter((channel) => channel.endpointOf(recipient) !== null)
          .map(({ name }) => keyOf(fact, recipient, name)),
      ),
    );
  }

  private async plan(
    manager: EntityManager,
    audiences: readonly Audience[],
    { now, notified, choiceOf, ...known }: IntakeState,
  ): Promise<Planned[]> {
    const isReached = await this.whoIsReached(
      manager,
      audiences.flatMap(({ recipients }) => recipients),
    );
    return audiences.flatMap(({ fact, recipients }) => {
      const choice = (recipient: Recipient) => choiceOf(personAndTicket(fact, recipient));
      const knowledge = {
        now,
        notified: (recipient: Recipient, channel: ChannelName) =>
          notified.get(notificationKey(keyOf(fact, recipient, channel))) ?? 0,
        seen: ticketOf(known, fact).seen,
        isReached,
        settingsOf: (recipient: Recipient) => choice(recipient).settings,
        isMuted: (recipient: Recipient) => choice(recipient).isMuted,
      };
      const theirs = recipients.map((recipient) => inTheirLanguage(recipient, choice(recipient)));
      return plan(fact, theirs, knowledge, this.channels).map((decision) => ({ fact, decision }));
    });
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
    const pending = new Map<string, Digest>();
    const overtaken = new Set<Decision>();
    for (const { fact, decision } of planned) {
      if (decision.kind !== 'deliver') continue;
      const { alert } = decision;
      const key = notificationKey(keyOf(fact, alert.recipient, alert.channel));
      const next = digestOf(fact, alert, known.now);
      const earlier = pending.get(key);
      const { answered } = ticketOf(known, fact);
      const merged = earlier ? mergeDigests(earlier, next, answered) : next;
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
  if (decision.kind === 'nobody') return { ...rowOf(fact, null), reason: decision.reason };
  if (decision.kind === 'skip') return { ...rowOf(fact, decision), reason: decision.reason, rule: decision.rule };
  const { alert } = decision;
  if (overtaken.has(decision)) return { ...rowOf(fact, alert), reason: 'overtaken' satisfies SkipReason };
  const digest = pending.get(notificationKey(keyOf(fact, alert.recipient, alert.channel)));
  return { ...rowOf(fact, alert), version: digest?.version ?? null, rule: alert.timing.rule };
}

function rowOf(
  { system, event }: Fact,
  who: { readonly recipient: Recipient; readonly channel: ChannelName } | null,
): DecisionRow {
  return {
    system,
    eventId: event.id,
    eventType: event.type,
    recipientKey: who?.recipient.key ?? '',
    channel: who?.channel ?? '',
    ticketId: event.data.ticket.id,
    version: null,
    reason: null,
    rule: null,
  };
}

function personAndTicket({ system, event }: Fact, { key: recipientKey }: Recipient): PersonAndTicket {
  return { recipientKey, system, ticketId: event.data.ticket.id };
}

/** What a person has chosen goes before what the event says of them. */
function inTheirLanguage(
  recipient: Recipient,
  { settings: { locale, timeZone } }: Pick<PersonalChoice, 'settings'>,
): Recipient {
  if (locale === null && timeZone === null) return recipient;
  return { ...recipient, locale: locale ?? recipient.locale, timezone: timeZone ?? recipient.timezone };
}

function keyOf(fact: Fact, recipient: Recipient, channel: ChannelName): NotificationKey {
  return { channel, recipientKey: recipient.key, system: fact.system, ticketId: fact.event.data.ticket.id };
}

function ticketOf(known: Pick<IntakeState, 'tickets'>, { system, event }: Fact): KnownTicket {
  return known.tickets.get(ticketKey({ system, ticketId: event.data.ticket.id })) ?? { seen: 0, answered: 0 };
}
