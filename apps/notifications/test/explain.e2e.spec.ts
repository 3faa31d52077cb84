import type { TicketEvent, TicketEventType } from '@bellhop/contracts/events';
import { explanationResponse } from '@bellhop/contracts/http';
import { buildEvent } from '@bellhop/contracts/testing';
import { PushService, waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Operations } from './operations.js';
import { runBellhop } from './run-bellhop.js';
import { vapidPair } from './vapid-pair.js';
import { newSecret, report, signed } from './webhooks.js';

const VAPID = vapidPair();
const SECRET = newSecret();
let stack: Operations;
let push: PushService;
let known: Record<string, string>;

beforeAll(async () => {
  push = await PushService.start();
  stack = await Operations.start({
    VAPID_KEYS: VAPID.setting,
    PUSH_SUBJECT: 'mailto:ops@example.com',
    PUSH_LOCAL_SERVICE: push.url,
    PUSH_QUIET_SECONDS: '0',
    ALERT_QUIET_SECONDS: '5',
    RESEND_WEBHOOK_SECRETS: SECRET,
  });
  known = { BELLHOP_URL: stack.notifier.app.url, BELLHOP_TOKEN: await stack.oidc.token('ops@example.com') };
});
afterAll(async () => {
  await stack?.stop();
  await push?.close();
});

const explain = async (event: TicketEvent, more = '') => {
  const { code, out, err } = await runBellhop(`explain ${event.id}${more}`, { env: known });
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
};
const explained = async (event: TicketEvent) => explanationResponse.parse(JSON.parse(await explain(event, ' --json')));

/** An event of our own tickets, or of the help desk's. */
async function happened(type: TicketEventType, data: Record<string, unknown>, system?: 'crm'): Promise<TicketEvent> {
  const event = buildEvent(type, data) as TicketEvent;
  if (system) await stack.publish(event);
  else await stack.notifier.publish([event]);
  await stack.notifier.decisions(event.id);
  return event;
}
let tickets = 0;
const ticket = (version = 2, id = `T-${++tickets}`) => ({ id, number: `N${id.slice(2)}`, version });
const guest = (name: string) => ({ kind: 'guest', email: `${name}@example.com` });
const user = (id: string) => ({ kind: 'user', id, email: `${id}@example.com` });
const solved = (name: string) =>
  happened(
    'ticket.resolved.v1',
    { requester: guest(name), ticket: { ...ticket(), url: 'https://crm.example.com/t' } },
    'crm',
  );
/** Waits until the mail about an event has this reason, or this state. */
const untilMail = (event: TicketEvent, word: string) =>
  waitFor(
    async () =>
      (await stack.notifier.decisions(event.id)).some(
        ({ reason, state }) => reason?.startsWith(word) || state === word,
      ),
    { what: `${word} of ${event.type}`, timeoutMs: 30_000 },
  );

/** One line of the table, with these cells. */
const line = (...cells: string[]) => new RegExp(`^${cells.join(' +')}`, 'm');

describe('bellhop explain', () => {
  it('answers ten different reasons, each by the word that says why', async () => {
    const closed = await happened('ticket.closed.v1', { ticket: ticket() });
    expect(await explain(closed)).toMatch(line('nobody', '-', '-', 'skip', '-', '-', 'nobody_hears'));

    const silent = await happened('ticket.replied.v1', {
      requester: { kind: 'user', id: 'u1', email: undefined },
      ticket: ticket(),
    });
    expect(await explain(silent)).toMatch(line('user u1', 'requester', 'email', 'skip', '-', '-', 'no_address'));
    expect(await explain(silent)).toMatch(line('user u1', 'requester', 'push', 'skip', '-', '-', 'no_device'));

    const created = await happened('ticket.created.v1', { requester: user('u2'), ticket: ticket(1) });
    expect(await explain(created)).toMatch(line('user u2', 'requester', 'push', 'skip', '-', '-', 'not_on_channel'));

    const agent = { id: 'a1', email: 'a1@example.com' };
    const assigned = await happened('ticket.assigned.v1', {
      ticket: ticket(),
      actor: { kind: 'agent', id: 'a1' },
      assignee: { kind: 'user', ...agent },
    });
    expect(await explain(assigned)).toMatch(line('agent a1', 'assignee', 'email', 'skip', '-', '-', 'own_action'));

    const looked = ticket(5);
    await happened('ticket.seen.v1', { requester: user('u3'), ticket: looked });
    const seen = await happened('ticket.replied.v1', { requester: user('u3'), ticket: { ...looked, version: 4 } });
    expect(await explain(seen)).toMatch(line('user u3', 'requester', 'email', 'skip', '-', '-', 'seen'));

    const first = await happened('ticket.resolved.v1', { requester: user('u4'), ticket: ticket(5) });
    await untilMail(first, 'accepted');
    const late = { requester: user('u4'), ticket: { ...first.data.ticket, version: 3 } };
    expect(await explain(await happened('ticket.replied.v1', late))).toMatch(
      line('user u4', 'requester', 'email', 'skip', '-', '-', 'overtaken'),
    );

    stack.sink.when({ at: 'rcpt', to: 'gone@example.com', answer: '550 5.1.1 user unknown', times: 1 });
    const gone = await solved('gone');
    await untilMail(gone, 'address_refused');
    expect(await explain(gone)).toMatch(
      line('guest', 'requester', 'email', 'dead', '\\S+ \\S+', '\\S+', 'address_refused'),
    );
    expect(await explain(gone)).toMatch(line('guest', 'requester', 'feed', 'skip', '-', '-', 'no_endpoint'));
    const suppressed = await solved('gone');
    await untilMail(suppressed, 'address_suppressed');
    expect(await explain(suppressed)).toMatch(
      line('guest', 'requester', 'email', 'skipped', '\\S+ \\S+', '\\S+', 'address_suppressed'),
    );

    const moved = await happened('ticket.replied.v1', { requester: guest('before'), ticket: ticket() });
    await happened('ticket.closed.v1', { requester: guest('after'), ticket: { ...moved.data.ticket, version: 3 } });
    await untilMail(moved, 'requester_changed');
    expect(await explain(moved)).toMatch(
      line('guest', 'requester', 'email', 'skipped', '\\S+ \\S+', '\\S+', 'requester_changed'),
    );

    const unusable = buildEvent('ticket.replied.v1', { ticket: ticket() }) as TicketEvent;
    await stack.publishRaw('inbound.crm.tickets.v1.replied', JSON.stringify({ ...unusable, data: {} }));
    const letter = async () => (await runBellhop(`explain ${unusable.id}`, { env: known })).out;
    await waitFor(async () => /became dead letter 1, .*\(invalid_event\)/.test(await letter()), {
      what: 'the dead letter',
    });
  });

  it('tells the way of each delivery: attempts, the words of the provider, and what it reported afterwards', async () => {
    stack.sink.when({ at: 'rcpt', to: 'slow@example.com', answer: '451 4.7.1 try again later', times: 1 });
    const event = await solved('slow');
    await untilMail(event, 'accepted');
    const [mail] = (await explained(event)).decisions.filter(({ channel }) => channel === 'email');
    expect(mail).toMatchObject({
      state: 'accepted',
      delivery: {
        template: 'resolved',
        attempts: 2,
        unknowns: 0,
        providerRef: expect.stringContaining('queued as'),
        feedback: null,
        copies: 0,
        foldedInto: null,
        devices: [],
      },
    });
    const bounced = report('email.bounced', {
      email_id: 'e-1',
      tags: { delivery: mail?.deliveryId },
      bounce: { type: 'Permanent', subType: 'General', message: 'no such user' },
    });
    const { headers, body } = signed(SECRET, bounced);
    const webhook = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body };
    expect((await fetch(`${known.BELLHOP_URL}/webhooks/resend`, webhook as RequestInit)).status).toBe(200);
    const out = await explain(event);
    expect(out).toMatch(/^attempts +2, of which unanswered: 0; last \d{4}-/m);
    expect(out).toMatch(/^provider +.*queued as/m);
    expect(out).toMatch(/^reported +bounced \d{4}-.*Z$/m);
    expect(out).not.toContain('slow@');
  });

  it('tells what became of a push on each device', async () => {
    const [here, there] = [0, 1].map(() => push.subscribe({ vapidKey: VAPID.publicKey }));
    for (const subscription of [here, there]) {
      const reply = await fetch(`${known.BELLHOP_URL}/notifications/push-subscriptions`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await stack.oidc.token('ada@example.com')}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify(subscription),
      });
      expect(reply.status).toBe(201);
    }
    push.unsubscribe(there?.endpoint ?? '');
    const event = await happened('ticket.replied.v1', { requester: user('ada'), ticket: ticket() });
    const ofPush = async () => (await explained(event)).decisions.find(({ channel }) => channel === 'push');
    await waitFor(async () => (await ofPush())?.state === 'accepted', { what: 'the push' });
    expect((await ofPush())?.delivery?.devices).toMatchObject([
      { service: 'local', attempts: 1 },
      { service: 'local', attempts: 1 },
    ]);
    const out = await explain(event);
    expect(out).toMatch(/^[0-9a-f-]{36} +local +accepted \(\d+\) +1 +\d{4}-/m);
    expect(out).toMatch(/^[0-9a-f-]{36} +local +gone \(410\) +1 +\d{4}-/m);
    expect(out).not.toContain(here?.endpoint ?? '');
  });
});
