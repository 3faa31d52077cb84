import { setTimeout as pause } from 'node:timers/promises';
import { inboundSubjectOf, type TicketEvent, type TicketEventType } from '@bellhop/contracts/events';
import { buildEvent } from '@bellhop/contracts/testing';
import { JetStreamPublisher, NatsLink } from '@bellhop/jetstream';
import type { History } from '../history/history.js';
import type { Random } from '../world/random.js';
import { type Pace, repeatConcurrently } from './pace.js';
import type { WriterLog } from './writer-log.js';

const AT_ONCE = 16;
const RETRY_MS = 300;
const PATIENCE_MS = 120_000;
/** One less than the ceiling per ticket, so that even without digests nobody waits for ten minutes. */
const HOT_EVENTS = 9;

export interface SystemOptions {
  /** Its name in subjects; `INBOUND_SYSTEMS` lists it with the site `https://<system>.example.com/`. */
  readonly system: string;
  /** With its credentials. */
  readonly natsUrl: string;
  /** The share of unusable events, 0 to 1. Default none. */
  readonly junk?: number;
  readonly random: Random;
  readonly pace: Pace;
  readonly log: WriterLog;
  readonly history: History;
  readonly signal: AbortSignal;
}

/** The events of one ticket, in the order of their versions. */
const STORIES: readonly (readonly TicketEventType[])[] = [
  ['ticket.resolved.v1'],
  ['ticket.created.v1', 'ticket.replied.v1', 'ticket.resolved.v1'],
  ['ticket.created.v1', 'ticket.information_requested.v1', 'ticket.customer_replied.v1', 'ticket.resolved.v1'],
  ['ticket.replied.v1', 'ticket.seen.v1', 'ticket.replied.v1'],
  ['ticket.assigned.v1', 'ticket.promise_missed.v1', 'ticket.replied.v1', 'ticket.closed.v1'],
];
const HOT: readonly TicketEventType[] = Array.from({ length: HOT_EVENTS }, () => 'ticket.replied.v1');

/**
 * Another system: publishes each event until the stream acknowledges it, sometimes twice, sometimes late. All systems use the same ids of
 * events and tickets, because each has its own namespace.
 */
export async function writeAsSystem(options: SystemOptions): Promise<void> {
  const { system, natsUrl: url, random, signal, junk = 0 } = options;
  const link = new NatsLink({ url, name: system, inboxPrefix: '_INBOX', log: () => undefined });
  link.start();
  const publisher = new JetStreamPublisher({ link, timeoutMs: 2_000 });
  try {
    const runScenario = async (index: number) => {
      for (const { event, isRepeated } of scenarioOf(system, index, random.branch(index)))
        await publish(event, isRepeated);
      if (random.branch(-index).chance(junk)) await publishJunk(index);
    };
    await repeatConcurrently(runScenario, { atOnce: AT_ONCE, signal });
  } finally {
    publisher.close();
    await link.close();
  }

  async function publish(event: TicketEvent, isRepeated: boolean): Promise<void> {
    const { pace, log, history } = options;
    const message = { subject: inboundSubjectOf(system, event.type as TicketEventType), id: event.id };
    const data = Buffer.from(JSON.stringify(event));
    await pace.turn();
    log.attempt(system, event);
    const startedAt = performance.now();
    for (let tries = 1; performance.now() - startedAt < PATIENCE_MS; tries++) {
      const [outcome] = await publisher.publish([{ ...message, data }]);
      if (outcome?.ok) {
        log.acknowledgeEvent(system, event);
        history.note(system, event.type, { id: event.id, tries, ms: Math.round(performance.now() - startedAt) });
        if (isRepeated) await publisher.publish([{ ...message, data }]);
        return;
      }
      await pause(RETRY_MS);
    }
    history.note(system, `gave up ${event.type}`, { id: event.id });
  }

  /** An event without a ticket; whether it is stored does not matter. */
  async function publishJunk(index: number): Promise<void> {
    const { pace, log } = options;
    const event = buildEvent('ticket.resolved.v1', {}, { id: `junk-${index}` });
    const data = Buffer.from(JSON.stringify({ ...event, data: { ...event.data, ticket: null } }));
    await pace.turn();
    log.expectDeadLetter(event.id);
    await publisher.publish([{ subject: inboundSubjectOf(system, 'ticket.resolved.v1'), id: event.id, data }]);
  }
}

function scenarioOf(system: string, index: number, random: Random): { event: TicketEvent; isRepeated: boolean }[] {
  const types = random.chance(0.1) ? HOT : random.pick(STORIES);
  const ticket = {
    id: `T-${index}`,
    number: `N${index}`,
    url: `https://${system}.example.com/t/${index}`,
    priority: random.pick(['normal', 'normal', 'low', 'vip'] as const),
  };
  const email = `r-${index}@${system}.example`;
  const requester = random.chance(0.2)
    ? { kind: 'guest' as const, email }
    : { kind: 'user' as const, id: `r-${index}`, email };
  const assignee = { kind: 'user' as const, id: `agent-${index}`, email: `agent-${index}@${system}.example` };
  const events = types.map((type, position) => {
    // The seen version is the one before: looking at a ticket does not change it.
    const version = type === 'ticket.seen.v1' ? position : position + 1;
    const event = buildEvent(
      type,
      { ticket: { ...ticket, version }, requester, ...(type !== 'ticket.created.v1' && { assignee }) },
      { id: `event-${index}-${position}` },
    ) as TicketEvent;
    return { event, isRepeated: random.chance(0.1) };
  });
  // One in ten is published in the wrong order, like a system with several machines.
  return random.chance(0.1) ? [...events].reverse() : events;
}
