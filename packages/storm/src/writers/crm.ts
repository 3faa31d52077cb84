import { setTimeout as pause } from 'node:timers/promises';
import { inboundSubjectOf, type TicketEvent, type TicketEventType } from '@bellhop/contracts';
import { buildEvent } from '@bellhop/contracts/testing';
import { JetStreamPublisher, NatsLink } from '@bellhop/jetstream';
import type { History } from '../history/history.js';
import type { Random } from '../world/random.js';
import { liveOn, type Pace } from './pace.js';
import type { WriterLog } from './writer-log.js';

const AT_ONCE = 16;
const RETRY_MS = 300;
const PATIENCE_MS = 120_000;
/** One less than the ceiling per ticket, so that even without any folding nobody has to wait for ten minutes. */
const HOT_EVENTS = 9;

export interface CrmOptions {
  readonly natsUrl: string;
  readonly random: Random;
  readonly pace: Pace;
  readonly log: WriterLog;
  readonly history: History;
  readonly signal: AbortSignal;
}

/** What happens to one ticket: types in the order of their versions. */
const STORIES: readonly (readonly TicketEventType[])[] = [
  ['ticket.resolved.v1'],
  ['ticket.created.v1', 'ticket.replied.v1', 'ticket.resolved.v1'],
  ['ticket.created.v1', 'ticket.information_requested.v1', 'ticket.customer_replied.v1', 'ticket.resolved.v1'],
  ['ticket.replied.v1', 'ticket.seen.v1', 'ticket.replied.v1'],
  ['ticket.assigned.v1', 'ticket.promise_missed.v1', 'ticket.replied.v1', 'ticket.closed.v1'],
];
const HOT: readonly TicketEventType[] = Array.from({ length: HOT_EVENTS }, () => 'ticket.replied.v1');

/** Another system: publishes by itself, until it has the stream's acknowledgement, now and then once more, now and then late. */
export async function writeAsCrm(options: CrmOptions): Promise<void> {
  const { natsUrl: url, random, signal } = options;
  const link = new NatsLink({ url, name: 'crm', inboxPrefix: '_INBOX', log: () => undefined });
  link.start();
  const publisher = new JetStreamPublisher({ link, timeoutMs: 2_000 });
  try {
    const live = async (index: number) => {
      for (const event of lifeOf(index, random.branch(index))) await publish(event.fact, event.isRepeated);
    };
    await liveOn(live, { atOnce: AT_ONCE, signal });
  } finally {
    publisher.close();
    await link.close();
  }

  async function publish(event: TicketEvent, isRepeated: boolean): Promise<void> {
    const { pace, log, history } = options;
    const message = { subject: inboundSubjectOf('crm', event.type as TicketEventType), id: event.id };
    const data = Buffer.from(JSON.stringify(event));
    await pace.turn();
    log.attempt('crm', event);
    const startedAt = performance.now();
    for (let tries = 1; performance.now() - startedAt < PATIENCE_MS; tries++) {
      const [outcome] = await publisher.publish([{ ...message, data }]);
      if (outcome?.ok) {
        log.acknowledgeEvent('crm', event);
        history.note('crm', event.type, { id: event.id, tries, ms: Math.round(performance.now() - startedAt) });
        if (isRepeated) await publisher.publish([{ ...message, data }]);
        return;
      }
      await pause(RETRY_MS);
    }
    history.note('crm', `gave up ${event.type}`, { id: event.id });
  }
}

function lifeOf(index: number, random: Random): { fact: TicketEvent; isRepeated: boolean }[] {
  const types = random.chance(0.1) ? HOT : random.pick(STORIES);
  const ticket = {
    id: `T-${index}`,
    number: `N${index}`,
    url: `https://crm.example.com/t/${index}`,
    priority: random.pick(['normal', 'normal', 'low', 'vip'] as const),
  };
  const email = `r-${index}@crm.example`;
  const requester = random.chance(0.2)
    ? { kind: 'guest' as const, email }
    : { kind: 'user' as const, id: `r-${index}`, email };
  const assignee = { kind: 'user' as const, id: `crm-agent-${index}`, email: `agent-${index}@crm.example` };
  const facts = types.map((type, position) => {
    // What was seen is the version before it; looking at a ticket does not change it.
    const version = type === 'ticket.seen.v1' ? position : position + 1;
    const fact = buildEvent(
      type,
      { ticket: { ...ticket, version }, requester, ...(type !== 'ticket.created.v1' && { assignee }) },
      { id: `crm-${index}-${position}` },
    ) as TicketEvent;
    return { fact, isRepeated: random.chance(0.1) };
  });
  // One in ten tells its story in the wrong order, as systems do that publish from several machines.
  return random.chance(0.1) ? [...facts].reverse() : facts;
}
