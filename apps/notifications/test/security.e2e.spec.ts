import { type EventType, events } from '@bellhop/contracts/events';
import { buildEvent } from '@bellhop/contracts/testing';
import { type OidcProvider, SmtpSink, startOidc, waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Notifier } from './notifier.js';
import { readMail } from './read-mail.js';

let sink: SmtpSink;
let oidc: OidcProvider;
let notifier: Notifier;

beforeAll(async () => {
  [sink, oidc] = await Promise.all([SmtpSink.start(), startOidc()]);
  const env = { OIDC_ISSUER: oidc.issuer, OIDC_AUDIENCE: oidc.audience };
  notifier = await Notifier.start({ emailUrl: sink.url, env });
  await notifier.untilReady();
});

afterAll(async () => {
  await notifier?.stop();
  await Promise.all([sink?.close(), oidc?.stop()]);
});

const mailTo = async (address: string) =>
  readMail((await waitFor(() => sink.to(address)[0], { what: `a mail to ${address}` })).raw);

describe('S35 another system that names our tickets, events and people', () => {
  const requester = { kind: 'user' as const, id: 'u-35', email: 'u-35@example.com' };
  const ticket = { id: 'T-35', number: 'S35' };

  it('does not change our alerts, and notifies only its own people', async () => {
    const ours = buildEvent('ticket.replied.v1', { requester, ticket: { ...ticket, version: 2 } });
    const attacks = [
      // Our event id could make ours a duplicate. A huge version could make ours overtaken or seen.
      buildEvent(
        'ticket.replied.v1',
        {
          requester: { ...requester, email: 'mallory@example.com' },
          ticket: { ...ticket, version: 1_000_000_000, url: 'https://crm.example.com/x' },
        },
        { id: ours.id },
      ),
      buildEvent('ticket.seen.v1', {
        requester,
        ticket: { ...ticket, version: 1_000_000_000, url: 'https://crm.example.com/x' },
      }),
      buildEvent('ticket.assigned.v1', {
        requester: { kind: 'user', id: 'mallory' },
        ticket: { ...ticket, version: 1_000_000_001, url: 'https://crm.example.com/x' },
      }),
    ];
    await notifier.publish(attacks, 'crm');
    await Promise.all(attacks.map(({ id }) => notifier.decisions(id)));
    await notifier.publish([ours]);
    const mail = await mailTo(requester.email);
    expect(mail.html).toContain('https://support.example.test/tickets/T-35');
    await notifier.untilSettled();
    expect(sink.to(requester.email)).toHaveLength(1);
    const decisions = await notifier.decisions(ours.id);
    expect(decisions.map(({ recipient_key: key }) => key)).toEqual(['bellhop:user:u-35', 'crm:user:u-35']);
    expect(decisions[0]).toMatchObject({ state: 'accepted', reason: null });
  });
});

describe('S28 the operators’ routes', () => {
  const ask = (headers: Record<string, string>) => fetch(`${notifier.app.url}/ops/explanations/any`, { headers });
  const bearer = async (email: string) => ({ authorization: `Bearer ${await oidc.token(email)}` });

  it('are for operators with a token of the provider, and nobody else', async () => {
    const forged = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from('{"roles":["operator"]}').toString('base64url')}.`;
    expect((await ask({})).status).toBe(401);
    expect(
      (await ask({ 'x-user': 'ops@example.com', 'x-roles': 'operator', 'x-forwarded-user': 'ops@example.com' })).status,
    ).toBe(401);
    expect((await ask({ authorization: `Bearer ${forged}` })).status).toBe(401);
    expect((await ask(await bearer('ada@example.com'))).status).toBe(403);
    expect((await ask(await bearer('agent@example.com'))).status).toBe(403);
    expect((await ask(await bearer('ops@example.com'))).status).toBe(404);
  });

  it('explain why somebody was, and was not, notified of an event', async () => {
    const event = buildEvent('ticket.created.v1', {
      requester: { kind: 'user', id: 'u-28', email: undefined },
      ticket: { id: 'T-28', version: 1 },
    });
    await notifier.publish([event]);
    await notifier.decisions(event.id);
    await notifier.untilSettled();
    const response = await fetch(`${notifier.app.url}/ops/explanations/${event.id}`, {
      headers: await bearer('ops@example.com'),
    });
    const explanation = (await response.json()) as { decisions: { channel: string }[] };
    const ofMails = explanation.decisions.filter(({ channel }) => channel === 'email');
    expect({ ...explanation, decisions: ofMails }).toEqual({
      system: 'bellhop',
      eventId: event.id,
      deadLetter: null,
      decisions: [
        expect.objectContaining({
          recipient: { role: 'team', kind: 'agent', id: null },
          outcome: 'deliver',
          state: 'accepted',
        }),
        expect.objectContaining({
          recipient: { role: 'requester', kind: 'user', id: 'u-28' },
          outcome: 'skip',
          reason: 'no_address',
          deliveryId: null,
          state: null,
        }),
      ],
    });
  });

  it('S35 distinguish systems that have used one event id, and default to ours', async () => {
    const explained = async (query: string) => {
      const url = `${notifier.app.url}/ops/explanations/${shared.id}${query}`;
      const reply = await fetch(url, { headers: await bearer('ops@example.com') });
      return (await reply.json()) as { system?: string; code?: string; detail?: string };
    };
    const said = (url?: string) => ({ ticket: { id: 'T-36', ...(url !== undefined && { url }) } });
    const shared = buildEvent('ticket.closed.v1', said('https://crm.example.com/t/36'));
    const known = (count: number) =>
      waitFor(async () => (await notifier.decisions(shared.id)).length === count, { what: `${count} decisions` });
    await notifier.publish([shared], 'crm');
    await known(1);
    expect(await explained('')).toMatchObject({ system: 'crm' });
    await notifier.publish(
      [buildEvent('ticket.closed.v1', said('https://erp.example.com/help/36'), { id: shared.id })],
      'erp',
    );
    await known(2);
    expect(await explained('')).toMatchObject({ code: 'system_needed', detail: expect.stringContaining('crm, erp') });
    expect(await explained('?system=erp')).toMatchObject({ system: 'erp' });
    await notifier.publish([buildEvent('ticket.closed.v1', said(), { id: shared.id })]);
    await known(3);
    expect(await explained('')).toMatchObject({ system: 'bellhop' });
  });

  it.each([
    ['NUL', '\0'],
    ['a path', '../..'],
    ['10 kB', 'a'.repeat(10_000)],
    ['SQL', "' or 1=1 --"],
    ['a wildcard', '*'],
  ])('S27 answer 404 or 400 to %s, never 500', async (_, id) => {
    const response = await fetch(`${notifier.app.url}/ops/explanations/${encodeURIComponent(id)}`, {
      headers: await bearer('ops@example.com'),
    });
    expect([400, 404, 414]).toContain(response.status);
  });
});

it('S33 what was frozen is sealed, and wiped once it is settled', async () => {
  const address = 'frozen@example.com';
  sink.when({ at: 'rcpt', to: address, answer: '451 4.3.0 later', times: 1 });
  await notifier.publish([
    buildEvent('ticket.resolved.v1', { requester: { kind: 'user', id: 'u-f', email: address } }),
  ]);
  const sealed = await waitFor(async () => {
    const { rows } = await notifier.database.query<{ sealed: Buffer }>('select sealed from frozen_requests');
    return rows[0]?.sealed;
  });
  expect(sealed.toString('latin1')).not.toMatch(/frozen@example|Subject|ticket/);
  await mailTo(address);
  await notifier.untilSettled();
  const { rows } = await notifier.database.query('select 1 from frozen_requests');
  expect(rows).toEqual([]);
});

describe('the outcome of a delivery', () => {
  const person = (name: string) => ({ kind: 'user' as const, id: name, email: `${name}@example.com` });
  const published = (...eventIds: string[]) =>
    waitFor(
      async () => {
        const told = await notifier.notificationEvents();
        return told.find(({ data }) => data.channel === 'email' && data.eventIds.join() === eventIds.join());
      },
      { what: `an event about ${eventIds}` },
    );

  it('is published to other systems: accepted, skipped and dead, with its events and without an address', async () => {
    const [heard, busy, gone] = ['n-heard', 'n-busy', 'n-gone'].map(person) as [
      ReturnType<typeof person>,
      ReturnType<typeof person>,
      ReturnType<typeof person>,
    ];
    sink.when({ at: 'rcpt', to: gone.email, answer: '550 5.1.1 no such user' });
    const ticketOf = (name: string, version: number) => ({ id: `T-${name}`, number: name.toUpperCase(), version });
    const replies = [2, 3].map((version) =>
      buildEvent('ticket.replied.v1', { requester: heard, ticket: ticketOf('n-heard', version) }),
    );
    const unread = buildEvent('ticket.replied.v1', { requester: busy, ticket: ticketOf('n-busy', 2) });
    const bounced = buildEvent('ticket.resolved.v1', { requester: gone, ticket: ticketOf('n-gone', 2) });
    const forGuest = buildEvent('ticket.resolved.v1', {
      requester: { kind: 'guest', email: 'n-guest@example.com' },
      ticket: { ...ticketOf('n-guest', 2), url: 'https://crm.example.com/t/n-guest' },
    });
    await notifier.publish([...replies, unread, bounced]);
    await notifier.publish([forGuest], 'crm');
    await notifier.decisions(unread.id);
    await notifier.publish([buildEvent('ticket.seen.v1', { requester: busy, ticket: ticketOf('n-busy', 2) })]);

    const about = async (type: EventType, name: string, ids: string[], reason?: string, isGuest = false) => {
      const event = await published(...ids);
      expect(event).toEqual(events[type].parse(event));
      expect(event.data).toEqual({
        deliveryId: await deliveryOf(ids[0] as string),
        eventIds: ids,
        channel: 'email',
        ticket: { id: `T-${name}`, number: name.toUpperCase() },
        recipient: isGuest ? { kind: 'guest' } : { kind: 'user', id: name },
        ...(reason && { reason }),
      });
    };
    await about(
      'notification.accepted.v1',
      'n-heard',
      replies.map(({ id }) => id),
    );
    await about('notification.accepted.v1', 'n-guest', [forGuest.id], undefined, true);
    await about('notification.skipped.v1', 'n-busy', [unread.id], 'seen');
    await about('notification.dead.v1', 'n-gone', [bounced.id], 'address_refused');
    expect(JSON.stringify(await notifier.notificationEvents())).not.toContain('@');
  });

  async function deliveryOf(eventId: string): Promise<string> {
    const { rows } = await notifier.database.query(
      `select delivery_id from decisions where event_id = $1 and channel = 'email'`,
      [eventId],
    );
    return rows[0].delivery_id;
  }
});
