import { randomUUID } from 'node:crypto';
import { waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Browser } from './browser.js';
import { formOf, HelpDesk, hasCode } from './help-desk.js';

let desk: HelpDesk;
beforeAll(async () => {
  desk = await HelpDesk.start();
});
afterAll(() => desk?.stop());

const ticketsAt = (path: string) => desk.apps.tickets.url + path;

describe('a guest', () => {
  it('files, proves the address, and goes on in the conversation with an agent', async () => {
    const guest = new Browser();
    const { id } = await desk.fileAndProve(guest, 'jana@example.com');
    // The ticket is there whether the event or this session comes first.
    expect((await guest.ask('GET', ticketsAt(`/tickets/${id}`))).body.ticket.status).toBe('open');
    const shown = await desk.agent('GET', `/desk/tickets/${id}`);
    expect(shown.body.ticket.requester).toEqual({ kind: 'guest', email: 'jana@example.com', locale: 'en' });
    expect((await desk.agent('POST', `/desk/tickets/${id}/replies`, { body: 'Which account?' })).status).toBe(201);
    expect(
      (await guest.ask('POST', ticketsAt(`/tickets/${id}/messages`), { body: { body: 'The second.' } })).status,
    ).toBe(201);
    expect((await guest.ask('PUT', ticketsAt(`/tickets/${id}/seen`))).status).toBe(204);
    expect((await guest.ask('GET', ticketsAt(`/tickets/${id}`))).body.messages).toHaveLength(3);
    expect((await new Browser().ask('GET', ticketsAt(`/tickets/${id}`))).status).toBe(401);
    expect((await guest.ask('POST', ticketsAt(`/tickets/${id}/closing`))).status).toBe(401);
  });

  it('sees what was sent to the proven address about the tickets that were opened, and nobody else does', async () => {
    const guest = new Browser();
    const { id, number } = await desk.fileAndProve(guest, 'mila@example.com');
    const sentTo = async (browser: Browser) => browser.ask('GET', `${desk.apps.notifications.url}/notifications/sent`);
    const areSent = async () =>
      (await sentTo(guest)).body.items?.every(({ outcome }: { outcome: string }) => outcome === 'sent');
    await waitFor(async () => (await sentTo(guest)).body.items?.length === 2 && areSent(), {
      what: 'receipt and code',
    });
    const { body } = await sentTo(guest);
    expect(body.items).toMatchObject([
      { kind: 'created', ticket: { id, number }, outcome: 'sent', sentTo: 'm***@e***' },
      { kind: 'code', ticket: { id: null, number }, outcome: 'sent', sentTo: 'm***@e***' },
    ]);
    expect((await sentTo(new Browser())).status).toBe(401);
  });

  it('whose code is right but who closes the page is seen by agents all the same: the event is durable', async () => {
    const { id } = await desk.fileAndProve(new Browser(), 'lukas@example.com');
    await waitFor(async () => (await desk.agent('GET', `/desk/tickets/${id}`)).status === 200, { what: 'the ticket' });
  });
});

describe('while guest-auth is away', () => {
  it('nobody files as a guest, nothing is left of the try, and the same key files it afterwards; who is there goes on', async () => {
    const guest = new Browser();
    const { id } = await desk.fileAndProve(guest, 'rosa@example.com');
    expect((await guest.ask('GET', ticketsAt(`/tickets/${id}`))).status).toBe(200);
    await desk.stopApp('guest-auth');
    const late = new Browser();
    const filing = { body: formOf('late@example.com'), headers: { 'idempotency-key': randomUUID() } };
    const refused = await late.ask('POST', ticketsAt('/tickets'), filing);
    expect(refused).toMatchObject({ status: 503, body: { code: 'codes_unavailable' } });
    expect(
      (await guest.ask('POST', ticketsAt(`/tickets/${id}/messages`), { body: { body: 'Still here' } })).status,
    ).toBe(201);
    expect((await desk.agent('GET', `/desk/tickets/${id}`)).status).toBe(200);
    await desk.startAgain('guest-auth');
    const filed = await late.ask('POST', ticketsAt('/tickets'), filing);
    expect(filed.status).toBe(201);
    await waitFor(async () => (await desk.mailsTo('late@example.com')).filter(hasCode).length === 1, {
      what: 'the one code',
    });
  });
});
