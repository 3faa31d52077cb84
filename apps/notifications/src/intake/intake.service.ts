import type { TicketEvent } from '@bellhop/contracts/events';
import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import { InvalidEventError } from '@bellhop/jetstream';
import { type Claim, claimEvents, type InboxKey } from '@bellhop/outbox';
import { GroupCommit, isTransientError } from '@bellhop/postgres';
import { Database, ErasedPeople } from '@bellhop/service';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Dispatcher } from '../dispatch/dispatcher.js';
import { contentOf, type Fact, ticketKey } from '../planning/fact.js';
import { type FoldedAlert, fold, unfolded } from '../planning/fold.js';
import { type Decision, plan } from '../planning/plan.js';
import { identitiesOf, type Recipient, recipientsOf } from '../planning/recipients.js';
import { Settings } from '../settings.js';
import { type Known, type KnownTicket, rememberTickets } from './remember-tickets.js';
import { type DecisionRow, storeDecisions } from './store-decisions.js';
import { type TellingKey, tellingKey } from './telling-key.js';

const CONSUMER = 'notifications';
const CHANNEL = 'email';
/** Commits at one time: while one waits for Postgres, this process prepares the other. A third one gained nothing. */
const LANES = 2;

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
    private readonly dispatcher: Dispatcher,
    private readonly settings: Settings,
    private readonly erased: ErasedPeople,
  ) {}

  /**
   * Resolves when the fact and all that follows from it are committed (true), or were before (false).
   * @throws InvalidEventError `id_reused` when another fact was taken under its id
   */
  async accept(fact: Fact): Promise<boolean> {
    const claim = await (this.lanes[laneOf(fact)] as GroupCommit<Fact, Claim>).add(fact);
    if (claim === 'reused') throw idReused();
    return claim === 'new';
  }

  private async commit(facts: Fact[]): Promise<Claim[]> {
    const dataSource = await this.database.whenReady();
    await this.erased.known;
    const keys = facts.map(inboxKey);
    const { claims, isDueNow } = await dataSource.transaction(async (manager) => {
      const claims = await claimEvents(manager, CONSUMER, keys);
      // failpoint: intake.claimed
      const fresh = facts.filter((_, index) => claims[index] === 'new');
      return { claims, isDueNow: fresh.length > 0 && (await this.decide(manager, fresh)) };
    });
    // failpoint: intake.committed
    if (isDueNow) this.dispatcher.wake();
    return claims;
  }

  /** Plans and stores what is new. Answers whether something is due at once. */
  private async decide(manager: EntityManager, facts: readonly Fact[]): Promise<boolean> {
    const { agentsAddress, maxWaitMs } = this.settings;
    const late = facts.filter((fact) => this.isOfErased(fact));
    const others = facts.filter((fact) => !late.includes(fact)).map((fact) => this.withoutErasedAssignee(fact));
    const heard = others.map((fact) => ({ fact, recipients: recipientsOf(fact, agentsAddress) }));
    const people = heard.flatMap(({ fact, recipients }) => recipients.map((recipient) => tellingOf(fact, recipient)));
    const known = await rememberTickets(manager, others, CHANNEL, people);
    const planned = heard.flatMap(({ fact, recipients }) => {
      const knowledge = {
        told: (recipient: Recipient) => known.told.get(tellingKey(tellingOf(fact, recipient))) ?? 0,
        seen: ticketOf(known, fact).seen,
      };
      // What is due is asked of the database's clock, so that is the one to plan by.
      return plan(fact, recipients, knowledge, this.settings, known.now).map((decision) => ({ fact, decision }));
    });
    const { pending, overtaken } = foldBatch(planned, known, maxWaitMs);
    const unheard = late.map((fact) => ({ fact, decision: { kind: 'skip', reason: 'erased' } as const }));
    const decisions = [...planned, ...unheard].map((one) => decisionRow(one, pending, overtaken));
    await storeDecisions(manager, CHANNEL, maxWaitMs, pending.values(), decisions);
    // failpoint: intake.decided
    return [...pending.values()].some((alert) => alert.isImmediate);
  }

  /** What happened before its requester was erased finds nobody: not them, and nobody who would learn of them. */
  private isOfErased({ system, event }: Fact): boolean {
    return this.erased.includes(new Date(event.time), ...identitiesOf(system, event.data.requester));
  }

  /** As if nobody had it: whoever else has to hear of the ticket does, the team in the place of the agent. */
  private withoutErasedAssignee(fact: Fact): Fact {
    const { assignee, ...data } = fact.event.data;
    if (!assignee) return fact;
    if (!this.erased.includes(new Date(fact.event.time), ...identitiesOf(fact.system, assignee))) return fact;
    return { ...fact, event: { ...fact.event, data } as TicketEvent };
  }
}

/** Our own services make ids that never meet again, and a rolled-back stream brings the same events back. */
function inboxKey({ system, event }: Fact): InboxKey {
  const key = { system, eventId: event.id };
  return system === OWN_SYSTEM ? key : { ...key, content: contentOf(event) };
}

function idReused(): InvalidEventError {
  const detail =
    'an event with this id was taken before, and it said something else: publish each fact under an id of its own, and the same fact again under the same id';
  return new InvalidEventError('id_reused', detail);
}

/** All facts of a ticket go the same way, one commit after the other, so that they stay in the order in which they came. */
function laneOf({ event }: Fact): number {
  const { id } = event.data.ticket;
  let sum = 0;
  for (let index = 0; index < id.length; index++) sum += id.charCodeAt(index);
  return sum % LANES;
}

/** Folds the alerts of one batch among themselves, in the order in which they arrived. */
function foldBatch(planned: readonly Planned[], known: Known, maxWaitMs: number) {
  const pending = new Map<string, FoldedAlert>();
  const overtaken = new Set<Decision>();
  for (const { fact, decision } of planned) {
    if (decision.kind === 'skip') continue;
    const key = tellingKey(tellingOf(fact, decision.alert.recipient));
    const next = unfolded(fact, decision.alert, known.now);
    const earlier = pending.get(key);
    const folded = earlier ? fold(earlier, next, ticketOf(known, fact).answered, maxWaitMs) : next;
    if (folded) pending.set(key, folded);
    else overtaken.add(decision);
  }
  return { pending, overtaken };
}

function decisionRow(
  { fact, decision }: Planned,
  pending: ReadonlyMap<string, FoldedAlert>,
  overtaken: ReadonlySet<Decision>,
): DecisionRow {
  const recipient = decision.kind === 'deliver' ? decision.alert.recipient : decision.recipient;
  const row = {
    system: fact.system,
    eventId: fact.event.id,
    eventType: fact.event.type,
    recipientKey: recipient?.key ?? '',
    ticketId: fact.event.data.ticket.id,
  };
  if (decision.kind === 'skip') return { ...row, version: null, reason: decision.reason };
  if (overtaken.has(decision)) return { ...row, version: null, reason: 'overtaken' };
  const { version = null } = pending.get(tellingKey(tellingOf(fact, decision.alert.recipient))) ?? {};
  return { ...row, version, reason: null };
}

function tellingOf(fact: Fact, recipient: Recipient): TellingKey {
  return { recipientKey: recipient.key, system: fact.system, ticketId: fact.event.data.ticket.id };
}

function ticketOf(known: Known, { system, event }: Fact): KnownTicket {
  return known.tickets.get(ticketKey({ system, ticketId: event.data.ticket.id })) ?? { seen: 0, answered: 0 };
}
