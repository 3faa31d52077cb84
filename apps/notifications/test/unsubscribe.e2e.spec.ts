import { buildEvent } from '@bellhop/contracts/testing';
import { waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstream } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { readMail } from './read-mail.js';
import { type RunningNotifications, runningNotifications } from './running-notifications.js';

let app: RunningNotifications;
let publisher: NatsConnection;

beforeAll(async () => {
  app = await runningNotifications({
    ALERT_QUIET_SECONDS: '0',
    AGENTS_EMAIL: 'team@example.com',
    BRAND: 'Tom & Co',
    INBOUND_SYSTEMS: 'crm=https://crm.example.com/',
  });
  publisher = await connect({ servers: app.natsUrl });
});
afterAll(async () => {
  await publisher?.close();
  await app?.stop();
});
afterEach(() => app.database.dataSource.query('truncate ticket_mutes'));

let tickets = 0;
/** Publishes an event about a person's ticket, which is a new one if none is named. */
async function tell(
  person: { kind: 'guest'; email: string; locale?: string },
  ticket?: { id: string; version: number },
) {
  const number = ticket?.id.slice(2) ?? `U${++tickets}`;
  const about = { id: `T-${number}`, number, version: ticket?.version ?? 2, url: `https://crm.example.com/${number}` };
  const event = buildEvent('ticket.replied.v1', { requester: person, ticket: about });
  await jetstream(publisher).publish('inbound.crm.tickets.v1.replied', JSON.stringify(event));
  return { event, ticket: about };
}
async function mailTo(address: string, nth = 0) {
  await waitFor(() => app.mails.to(address).length > nth, { what: `a mail to ${address}` });
  return readMail(app.mails.to(address)[nth]?.raw as Buffer);
}
/** The path of the link, on this service: the edge serves it below /api. */
async function linkIn(address: string): Promise<string> {
  const mail = await mailTo(address);
  const link = /^<https:\/\/support\.example\.test\/api(\/unsubscribe\/[\w-]{43})>$/.exec(
    mail.header('list-unsubscribe') ?? '',
  );
  return link?.[1] ?? 'no link';
}
const reasonOf = async (eventId: string) => {
  const rows = () => app.database.dataSource.query('select reason, rule from decisions where event_id = $1', [eventId]);
  await waitFor(async () => (await rows()).length > 0, { what: 'a decision' });
  return (await rows())[0];
};
const mutes = () => app.database.dataSource.query('select system, ticket_id, ticket_number from ticket_mutes');
const guest = (name: string, locale?: string) => ({
  kind: 'guest' as const,
  email: `${name}@example.com`,
  ...(locale && { locale }),
});

describe('the link of List-Unsubscribe', () => {
  it('mutes the ticket with one click of a mail program, which sends no cookie and follows no page', async () => {
    const { ticket } = await tell(guest('jana'));
    const path = await linkIn('jana@example.com');
    expect((await mailTo('jana@example.com')).header('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
    const form = new FormData();
    form.set('List-Unsubscribe', 'One-Click');
    const reply = await fetch(app.url + path, { method: 'POST', body: form, redirect: 'manual' });
    expect(reply.status).toBe(200);
    expect(await mutes()).toEqual([{ system: 'crm', ticket_id: ticket.id, ticket_number: ticket.number }]);
    const { event } = await tell(guest('jana'), { id: ticket.id, version: 3 });
    expect(await reasonOf(event.id)).toEqual({ reason: 'muted', rule: 'mute' });
    // Another ticket of the same person, and the same ticket of another one.
    expect(await reasonOf((await tell(guest('jana'))).event.id)).toEqual({ reason: null, rule: null });
    const other = await tell(guest('eva'), { id: ticket.id, version: 4 });
    expect(await reasonOf(other.event.id)).toEqual({ reason: null, rule: null });
  });

  it.each<[string, string | undefined, string]>([
    ['as RFC 8058 has it', 'List-Unsubscribe=One-Click', 'application/x-www-form-urlencoded'],
    ['without a body', undefined, ''],
    ['of another type', '{}', 'application/json'],
    ['of no type', 'x', ''],
  ])('takes a request %s', async (_, body, type) => {
    const name = `form${tickets}`;
    await tell(guest(name));
    const path = await linkIn(`${name}@example.com`);
    const init = {
      method: 'POST',
      ...(body !== undefined && { body }),
      headers: type === '' ? {} : { 'content-type': type },
    };
    expect((await fetch(app.url + path, init)).status).toBe(200);
    expect(await mutes()).toHaveLength(1);
  });

  it('does nothing when a scanner opens it, however often and by whichever safe method', async () => {
    await tell(guest('scanned'));
    const path = await linkIn('scanned@example.com');
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'GET', 'GET']) await fetch(app.url + path, { method });
    expect(await mutes()).toEqual([]);
  });

  it('shows a page with one button, in the language of the mail, without script and without the address', async () => {
    await tell(guest('anna', 'pl'));
    const path = await linkIn('anna@example.com');
    const reply = await fetch(app.url + path);
    const html = await reply.text();
    expect(reply.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(reply.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; form-action 'self'/,
    );
    // With `no-referrer` the browser would send `Origin: null` with the form.
    expect(reply.headers.get('referrer-policy')).toBe('same-origin');
    expect(html).toContain('<html lang="pl">');
    expect(html).toContain('Tom &amp; Co');
    expect(html.match(/<button/g)).toHaveLength(1);
    expect(html).not.toMatch(/<script|anna@|@example/);
  });

  it('leads back: the page that says so has a button that undoes it, as a browser resolves and sends it', async () => {
    await tell(guest('back', 'de'));
    const path = await linkIn('back@example.com');
    // As the browser sees it, at the edge.
    let page = new URL(`https://support.example.test/api${path}`);
    const steps: string[] = [];
    for (const method of ['GET', 'POST', 'POST', 'POST']) {
      const reply = await fetch(app.url + page.pathname.replace('/api', ''), {
        method,
        headers: method === 'POST' ? { origin: 'https://support.example.test' } : {},
        ...(method === 'POST' && { body: new URLSearchParams() }),
      });
      const html = await reply.text();
      steps.push(`${reply.status} ${(await mutes()).length} ${/<p role="status">(\S+ \S+)/.exec(html)?.[1]}`);
      page = new URL(/action="([^"]+)"/.exec(html)?.[1] ?? '', page);
    }
    expect(steps).toEqual(['200 0 Sie erfahren', '200 1 Sie erhalten', '200 0 Sie erhalten', '200 1 Sie erhalten']);
    // Opened again, it says how things stand.
    expect(await (await fetch(app.url + path)).text()).toContain('/undo"');
  });

  it('a foreign page cannot send the form', async () => {
    await tell(guest('forged'));
    const path = await linkIn('forged@example.com');
    const reply = await fetch(app.url + path, { method: 'POST', headers: { origin: 'https://evil.example' } });
    expect(reply.status).toBe(403);
    expect(await mutes()).toEqual([]);
  });

  it.each(['none', 'A'.repeat(43), `${'A'.repeat(42)}B`, encodeURIComponent('../x'), '%00'])(
    'that we have not made says what to do: %s',
    async (token) => {
      const replies = [
        await fetch(`${app.url}/unsubscribe/${token}`),
        await fetch(`${app.url}/unsubscribe/${token}`, { method: 'POST' }),
      ];
      for (const reply of replies) {
        expect(reply.status).toBe(404);
        expect(await reply.text()).toContain('This link no longer works');
      }
    },
  );

  it('cannot be made of a Message-ID, and a changed one is none', async () => {
    await tell(guest('token'));
    const path = await linkIn('token@example.com');
    const token = path.split('/').at(-1) as string;
    const bytes = Buffer.from(token, 'base64url');
    for (const at of [0, 15, 16, 31]) {
      const changed = Buffer.from(bytes);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect((await fetch(`${app.url}/unsubscribe/${changed.toString('base64url')}`)).status).toBe(404);
    }
    const [{ id }] = await app.database.dataSource.query(
      `select id from deliveries where endpoint = 'token@example.com'`,
    );
    expect((await fetch(`${app.url}/unsubscribe/${id}`)).status).toBe(404);
  });

  it('is used twenty times a minute at most, which a person does not notice, however often it is looked at', async () => {
    await tell(guest('busy'));
    const path = await linkIn('busy@example.com');
    const all = async (method: string, count: number) => {
      const replies = [];
      for (let at = 0; at < count; at++) replies.push(await fetch(app.url + path, { method }));
      return replies;
    };
    expect((await all('GET', 61)).at(-1)?.status).toBe(429);
    const clicks = await all('POST', 21);
    expect(clicks.filter(({ status }) => status === 200)).toHaveLength(20);
    expect(clicks.at(-1)?.headers.get('retry-after')).toBe('60');
  });

  it('is in no mail to the team', async () => {
    const event = buildEvent('ticket.created.v1', {
      requester: { kind: 'user', id: 'new' },
      ticket: { id: 'T-team', number: 'TEAM', version: 1 },
    });
    await jetstream(publisher).publish('tickets.v1.created', JSON.stringify(event));
    expect((await mailTo('team@example.com')).header('list-unsubscribe')).toBeUndefined();
  });
});
