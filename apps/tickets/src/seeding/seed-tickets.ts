import { randomUUID } from 'node:crypto';
import type { Guest, User } from '@bellhop/contracts/persons';
import type { DataSource, EntityManager } from 'typeorm';
import { rememberGuest } from '../filing/remember-guest.js';
import { personKey } from '../people/person.js';
import { rememberPerson } from '../people/remember-person.js';
import { TicketEntity } from '../tickets/ticket.entity.js';
import { type Change, type Command, customerOf, decide, file } from '../tickets/ticket.js';
import { type MessageDraft, saveHistory, saveTicket, ticketRow } from '../tickets/ticket-store.js';
import { type Story, stories } from './stories.js';

const HOUR_MS = 60 * 60 * 1000;

/** As the OpenID provider of the local stack knows them; their tokens correct what differs. */
const PEOPLE = {
  ada: { kind: 'user', id: 'ada', email: 'ada@example.com', locale: 'en', timezone: 'Europe/London' },
  jan: { kind: 'user', id: 'jan', email: 'jan@example.com', locale: 'pl', timezone: 'Europe/Warsaw' },
  agent: { kind: 'user', id: 'agent', email: 'agent@example.com', locale: 'en', timezone: 'Europe/Berlin' },
  lead: { kind: 'user', id: 'lead', email: 'lead@example.com', locale: 'en', timezone: 'Europe/Berlin' },
} as const satisfies Record<string, User>;

/** Guests whose addresses are proven. */
const GUESTS = {
  rosa: { kind: 'guest', email: 'rosa@example.com', locale: 'en' },
  lukas: { kind: 'guest', email: 'lukas@example.com', locale: 'de' },
} as const satisfies Record<string, Guest>;

const REQUESTERS = { ...PEOPLE, ...GUESTS };

const KINDS: Partial<Record<Command['type'], MessageDraft['kind']>> = {
  request_information: 'information_request',
  resolve: 'resolution',
};

/**
 * Fills an empty help desk with a few tickets, by the same rules as real ones. It publishes no events: nobody should get mails about
 * them. Returns the number of new tickets.
 */
export async function seedTickets(dataSource: DataSource, now: Date): Promise<number> {
  return dataSource.transaction(async (manager) => {
    // Agents first, so that tickets can be assigned to them before they have signed in.
    for (const person of Object.values(PEOPLE)) {
      await rememberPerson(manager, person, person.id === 'agent' || person.id === 'lead', now);
    }
    for (const guest of Object.values(GUESTS)) await rememberGuest(manager, personKey(guest), guest.email, now);
    let added = 0;
    for (const story of stories) added += (await tell(manager, story, now)) ? 1 : 0;
    return added;
  });
}

async function tell(manager: EntityManager, story: Story, now: Date): Promise<boolean> {
  const { id, number, category, subject, hoursAgo } = story;
  const at = (hours: number) => new Date(now.getTime() - (hoursAgo - hours) * HOUR_MS);
  let change: Change = file({ id, number, category, requester: REQUESTERS[story.requester] }, at(0));
  if (change.ticket.status === 'unverified') {
    change = decide(change.ticket, { type: 'prove', by: customerOf(change.ticket) }, at(0));
  }
  const row = ticketRow({ ticket: change.ticket, subject });
  const insert = manager.createQueryBuilder().insert().into(TicketEntity).values(row).orIgnore().returning('id');
  if ((await insert.execute()).raw.length === 0) return false;
  await saveHistory(manager, change, { id: randomUUID(), kind: 'message', body: story.body });
  for (const step of story.steps) {
    const text = 'text' in step ? step.text : undefined;
    const draft =
      text === undefined ? undefined : { id: randomUUID(), kind: KINDS[step.does] ?? 'message', body: text };
    const by = step.by === 'agent' ? ({ kind: 'agent', id: 'agent' } as const) : customerOf(change.ticket);
    const command = { type: step.does, by, messageId: draft?.id, agent: PEOPLE.agent } as Command;
    change = decide(change.ticket, command, at(step.hours));
    await saveTicket(manager, change);
    await saveHistory(manager, change, draft);
  }
  return true;
}
