import { inboundSubjectOf, type TicketEvent } from '@bellhop/contracts/events';
import { type ErasureView, erasureView } from '@bellhop/contracts/http';
import { buildEvent } from '@bellhop/contracts/testing';
import { waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import { Browser } from './browser.js';
import { formOf, HelpDesk, hasCode, linkIn } from './help-desk.js';
import { ageStreams, everything, placesOf } from './search.js';

/** Occurs nowhere else. */
const NAME = 'jana.forgotten';
const JANA = 'Jana.Forgotten@example.com';
const KIM = 'kim.remembered@example.com';

let desk: HelpDesk;
beforeAll(async () => {
  desk = await HelpDesk.start();
});
afterAll(() => desk?.stop());

const ticketsAt = (path: string) => desk.apps.tickets.url + path;

async function publish(event: TicketEvent): Promise<void> {
  const { username, password, host } = new URL(desk.nats.urlFor('crm'));
  const crm = await connect({ servers: host, user: username, pass: password });
  await crm.request(inboundSubjectOf('crm', event.type), JSON.stringify(event), { timeout: 5_000 });
  await crm.close();
}

const fromCrm = (email: string, id: string, time = new Date()) =>
  buildEvent(
    'ticket.resolved.v1',
    { requester: { kind: 'guest', email }, ticket: { id, url: `https://crm.example.com/t/${id}` } },
    { time: time.toISOString() },
  );

/** A guest with a ticket, messages, a file, a session, a link, mails, and a ticket in another system. */
async function knownGuest(email: string): Promise<string> {
  const guest = new Browser();
  const { id } = await desk.fileAndProve(guest, email);
  await waitFor(async () => (await desk.agent('GET', `/desk/tickets/${id}`)).status === 200, { what: 'the ticket' });
  const form = new FormData();
  form.append('file', new Blob([`Written by ${email}`], { type: 'text/plain' }), `${email}.txt`);
  const file = await guest.must('POST', ticketsAt('/attachments'), { body: form });
  const answer = { body: `My address is ${email}`, attachmentIds: [file.id] };
  await guest.must('POST', ticketsAt(`/tickets/${id}/messages`), { body: answer });
  await guest.must('POST', ticketsAt('/attachments'), { body: form });
  await desk.reply(id, `Dear ${email}`);
  await desk.agent('POST', `/desk/tickets/${id}/notes`, { body: `${email} called` });
  await desk.mailTo(email, (mail) => linkIn(mail) !== '');
  await publish(fromCrm(email, `T-${email.slice(0, 3)}`));
  await desk.mailTo(email, ({ text }) => text?.includes('crm.example.com') ?? false);
  await desk.rows(
    'notifications',
    `insert into suppressions (channel, endpoint, reason, delivery_id) values ('email', '${email.toLowerCase()}', 'bounced: ${email}', gen_random_uuid())`,
  );
  return id;
}

async function erased(id: string): Promise<ErasureView> {
  return waitFor(
    async () => {
      const { body } = await desk.operator('GET', `/ops/erasures/${id}`);
      const erasure = erasureView.strict().parse(body);
      return erasure.services.every(({ state }) => state === 'erased') && erasure;
    },
    { what: 'all services to have erased', timeoutMs: 60_000 },
  );
}

describe('S43 a person who is erased', () => {
  let ticketId: string;
  let backups: Record<'tickets' | 'notifications' | 'guest-auth', string>;
  let erasureId: string;
  const before = new Date(Date.now() - 60_000);

  beforeAll(async () => {
    ticketId = await knownGuest(JANA);
    await knownGuest(KIM);
    backups = {
      tickets: await desk.backup('tickets'),
      notifications: await desk.backup('notifications'),
      'guest-auth': await desk.backup('guest-auth'),
    };
  });

  it('S43 is not erased without a reason, nor by a name that is none', async () => {
    const operator = async (body: unknown) => (await desk.operator('POST', '/ops/erasures', body)).status;
    expect([await operator({ person: 'jana' }), await operator({})]).toEqual([422, 422]);
    expect((await desk.operator('GET', '/ops/erasures/none')).status).toBe(404);
  });

  it('S43 is found nowhere afterwards, when the streams have reached their limits; others are as they were', async () => {
    const places = await everything(desk);
    // Makes sure that the search finds what is there.
    expect(placesOf(NAME, places)).toEqual(
      expect.arrayContaining([
        ...['files', 'TICKETS', 'tickets.people', 'tickets.messages', 'tickets.notes', 'tickets.attachments'],
        ...['tickets.outbox', 'notifications.deliveries', 'notifications.suppressions', 'notifications.known_tickets'],
        ...['notifications.told', 'guest-auth.links', 'guest-auth.sessions'],
      ]),
    );
    const kim = placesOf(KIM, places);
    const asked = await desk.operator('POST', '/ops/erasures', { person: JANA });
    expect(asked.status).toBe(202);
    erasureId = asked.body.id;
    const { services } = await erased(erasureId);
    expect(Object.fromEntries(services.map(({ service, counts }) => [service, counts]))).toMatchObject({
      tickets: { people: 1, tickets: 1, files: 2 },
      notifications: { suppressions: 1 },
      'guest-auth': { sessions: 1 },
    });
    await ageStreams(desk);
    await waitFor(async () => !placesOf(NAME, await everything(desk)).includes('files'), { what: 'the files to go' });
    expect(placesOf(NAME, await everything(desk))).toEqual([]);
    const isStream = (place: string) => /^[A-Z_]+$/.test(place);
    expect(placesOf(KIM, await everything(desk))).toEqual(kim.filter((place) => !isStream(place)));
    expect((await desk.agent('GET', `/desk/tickets/${ticketId}`)).status).toBe(404);
  });

  it('S43 is not found by an event of before, which tells nobody', async () => {
    const mails = (await desk.mailsTo(JANA)).length;
    const late = fromCrm(JANA, 'T-late', before);
    await publish(late);
    const decision = await waitFor(
      async () => {
        const { body } = await desk.operator('GET', `/ops/explanations/${late.id}`);
        return body.decisions?.[0];
      },
      { what: 'a decision' },
    );
    expect(decision).toMatchObject({ outcome: 'skip', reason: 'erased', recipient: null });
    expect(placesOf(NAME, await everything(desk)).filter((place) => place !== 'INBOUND')).toEqual([]);
    expect(await desk.mailsTo(JANA)).toHaveLength(mails);
  });

  it('S43 is erased again from a restored backup, and no mail that waited in it leaves', async () => {
    const mails = (await desk.mailsTo(JANA)).length;
    const all = async () =>
      placesOf(NAME, await everything(desk)).filter((place) => !/^(INBOUND|TICKETS)$/.test(place));
    // What is in the backups, before a service that was restored from one has erased it.
    const current = { ...desk.databases };
    Object.assign(desk.databases, backups);
    await desk.rows(
      'notifications',
      `update deliveries set state = 'retrying', settled_at = null, due_at = now(), tries = 0, unknowns = 0, batch_id = null, reason = null
       where endpoint ilike '${NAME}%' and system = 'crm'`,
    );
    await desk.rows('notifications', 'delete from suppressions');
    expect(await all()).not.toEqual([]);
    Object.assign(desk.databases, current);
    for (const app of ['tickets', 'notifications', 'guest-auth'] as const) await desk.restore(app, backups[app]);
    await erased(erasureId);
    await waitFor(async () => (await all()).length === 0, { what: 'all to be erased again', timeoutMs: 60_000 });
    expect(await desk.mailsTo(JANA)).toHaveLength(mails);
    expect(placesOf(KIM, await everything(desk))).toContain('tickets.people');
  });

  it('S43 is erased by a service that was away as soon as it is back', async () => {
    await desk.stopApp('guest-auth');
    const { body } = await desk.operator('POST', '/ops/erasures', { person: 'user:nobody' });
    expect(body.services).toContainEqual({ service: 'guest-auth', state: 'no_answer', erasedAt: null, counts: {} });
    await desk.startAgain('guest-auth');
    const { services } = await erased(body.id);
    expect(services.flatMap(({ counts }) => Object.values(counts)).filter((count) => count > 0)).toEqual([]);
  });

  it('S43 may come back, as a new person', async () => {
    const guest = new Browser();
    const codes = (await desk.mailsTo(JANA)).filter(hasCode).length;
    const { id } = await guest.must('POST', ticketsAt('/tickets'), { body: formOf(JANA) });
    await waitFor(async () => (await desk.mailsTo(JANA)).filter(hasCode).length > codes, { what: 'a code' });
    expect(id).not.toBe(ticketId);
  });
});
