import { type AuditEntryView, GUEST_SESSION_COOKIE, type Page } from '@bellhop/contracts/http';
import { type RpcResponse, rpcs } from '@bellhop/contracts/rpc';
import { buildEvent } from '@bellhop/contracts/testing';
import { waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { parsePayloadKeys } from '../src/payload/payload-keys.js';
import { UnsubscribeTokens } from '../src/unsubscribe/unsubscribe-tokens.js';
import { ANSWERS } from './answers.js';
import { insertDelivery } from './delivery-rows.js';
import { type RunningNotifications, runningNotifications } from './running-notifications.js';
import { vapidPair } from './vapid-pair.js';

/** A guest has no token, and the cookie of a session. */
const PEOPLE = {
  nobody: null,
  guest: null,
  customer: 'ada@example.com',
  agent: 'agent@example.com',
  operator: 'ops@example.com',
};
const VAPID = vapidPair();
const GUESTS_TOKEN = 'A'.repeat(43);
const GUESTS_COOKIE = `${GUEST_SESSION_COOKIE}=${GUESTS_TOKEN}`;
const GUESTS_TICKET = '0199f3a1-7c1e-7d55-9d2e-3b6a5b1f0c12';
const GUESTS_SESSION: RpcResponse<'readSession'> = {
  email: 'canary@example.com',
  ticketIds: [GUESTS_TICKET],
  expiresAt: '2999-01-01T00:00:00Z',
};
type Who = keyof typeof PEOPLE;
type Row = Record<Who, number>;

const EVERYBODY: Row = { nobody: 200, guest: 200, customer: 200, agent: 200, operator: 200 };
const SIGNED_IN: Row = { ...EVERYBODY, nobody: 401, guest: 401 };
const SIGNED_IN_OR_GUEST: Row = { ...EVERYBODY, nobody: 401 };
const OPERATORS: Row = { nobody: 401, guest: 401, customer: 403, agent: 403, operator: 200 };
/** A token has no effect here: only the provider's signature counts. */
const SIGNED: Row = { nobody: 401, guest: 401, customer: 401, agent: 401, operator: 401 };

/** A value that exists for each path parameter. */
const THERE: Record<string, string> = {
  ':eventId': 'event-1',
  ':address': 'canary@example.com',
  ':id': '0199f3a1-7c1e-4d55-9d2e-3b6a5b1f0c11',
  ':sequence': '1',
  ':ticketId': 'T-1',
  ':token': new UnsubscribeTokens(parsePayloadKeys(Buffer.alloc(32, 7).toString('base64'))).of(
    '0199f3a1-7c1e-4d55-9d2e-3b6a5b1f0c11',
  ),
};
/** Routes that show the canary address to operators. */
const SHOWS_CANARY = new Set(['GET /ops/suppressions', 'GET /ops/dead-letters/:sequence']);

/** The status of each route for each caller, with path parameters that exist. */
const MATRIX: Record<string, Row> = {
  'GET /healthz': EVERYBODY,
  'GET /readyz': EVERYBODY,
  'GET /ops/explanations/:eventId': OPERATORS,
  'POST /ops/dry-runs': OPERATORS,
  'GET /ops/suppressions': OPERATORS,
  'DELETE /ops/suppressions/:address': { ...OPERATORS, operator: 204 },
  'POST /webhooks/resend': SIGNED,
  'GET /notifications/push-key': EVERYBODY,
  'GET /notifications/push-subscriptions': SIGNED_IN,
  'POST /notifications/push-subscriptions': { ...SIGNED_IN, customer: 201, agent: 201, operator: 201 },
  // The browser is known by its cookie.
  'DELETE /notifications/push-subscriptions': { nobody: 204, guest: 204, customer: 204, agent: 204, operator: 204 },
  'PATCH /notifications/push-subscriptions/:id': { ...SIGNED_IN, customer: 404, agent: 404, operator: 404 },
  'DELETE /notifications/push-subscriptions/:id': { ...SIGNED_IN, customer: 404, agent: 404, operator: 404 },
  'POST /notifications/push-subscriptions/:id/tests': { ...SIGNED_IN, customer: 404, agent: 404, operator: 404 },
  'GET /ops/audit': OPERATORS,
  'POST /ops/erasures': { ...OPERATORS, operator: 400 },
  'GET /ops/erasures/:id': { ...OPERATORS, operator: 404 },
  'GET /ops/deliveries': OPERATORS,
  'GET /ops/deliveries/:id': OPERATORS,
  'POST /ops/deliveries/:id/replay': OPERATORS,
  'POST /ops/deliveries/replays': OPERATORS,
  'GET /ops/dead-letters': OPERATORS,
  'GET /ops/dead-letters/:sequence': OPERATORS,
  // The letter is refused again for the same reason.
  'POST /ops/dead-letters/:sequence/redrive': { ...OPERATORS, operator: 422 },
  'POST /ops/dead-letters/redrives': OPERATORS,
  'GET /notifications/feed': SIGNED_IN,
  'POST /notifications/feed/seen': SIGNED_IN,
  'GET /notifications/feed/stream': SIGNED_IN,
  'GET /notifications/sent': SIGNED_IN_OR_GUEST,
  'POST /notifications/mail-checks': EVERYBODY,
  'GET /notifications/preferences': SIGNED_IN,
  'PUT /notifications/preferences': SIGNED_IN,
  'PUT /notifications/phrase': { ...SIGNED_IN, customer: 204, agent: 204, operator: 204 },
  'GET /notifications/mutes': SIGNED_IN,
  'PUT /notifications/mutes/:ticketId': { ...SIGNED_IN, customer: 204, agent: 204, operator: 204 },
  'DELETE /notifications/mutes/:ticketId': { ...SIGNED_IN, customer: 204, agent: 204, operator: 204 },
  // Whoever has the mail may use its link.
  'GET /unsubscribe/:token': EVERYBODY,
  'POST /unsubscribe/:token': EVERYBODY,
  'POST /unsubscribe/:token/undo': EVERYBODY,
};

/** The bodies of the requests. */
const BODIES: Record<string, object> = {
  // Refused, because the reason is missing.
  'POST /ops/erasures': { person: 'nobody@example.com' },
  'POST /ops/dry-runs': {
    event: buildEvent('ticket.created.v1', { requester: { kind: 'guest', email: 'canary@example.com' } }),
  },
  'POST /notifications/push-subscriptions': {
    endpoint: 'https://fcm.googleapis.com/fcm/send/canary',
    keys: { p256dh: VAPID.publicKey, auth: 'A'.repeat(22) },
  },
  'PATCH /notifications/push-subscriptions/:id': { name: 'My phone' },
  'POST /ops/deliveries/:id/replay': { isDryRun: true },
  'POST /ops/deliveries/replays': { filter: { state: 'dead' }, isDryRun: true },
  'POST /ops/dead-letters/:sequence/redrive': {},
  'POST /ops/dead-letters/redrives': { filter: {}, isDryRun: true },
  'POST /notifications/feed/seen': { all: true },
  'PUT /notifications/preferences': { kinds: { replied: { email: false } } },
  'PUT /notifications/phrase': { phrase: 'blue teapot' },
};

/** The one route whose body is no JSON. */
const MAIL = 'From: support@example.test\nTo: canary@example.com\nSubject: Ticket N1\n\nHello\n';

let app: RunningNotifications;
let nats: NatsConnection;

beforeAll(async () => {
  app = await runningNotifications({ VAPID_KEYS: VAPID.setting });
  const { dataSource } = app.database;
  await dataSource.query(
    `insert into decisions values
       ('crm', 'event-1', 'ticket.closed.v1', 'crm:guest:canary@example.com', 'email', null, 'seen', now())`,
  );
  await dataSource.query(
    `insert into suppressions (channel, endpoint, reason, delivery_id) values ('email', 'canary@example.com', 'bounced', gen_random_uuid())`,
  );
  await insertDelivery(dataSource, {
    id: THERE[':id'],
    recipient_key: 'crm:guest:canary@example.com',
    endpoint: 'canary@example.com',
    state: 'dead',
    settled_at: new Date(),
  });
  await insertDelivery(dataSource, {
    system: 'bellhop',
    ticket_id: GUESTS_TICKET,
    recipient_key: 'bellhop:guest:canary@example.com',
    endpoint: 'canary@example.com',
    state: 'accepted',
    attempted_at: new Date(),
    settled_at: new Date(),
  });
  nats = await connect({ servers: app.natsUrl });
  nats.subscribe(rpcs.readSession.subject, {
    callback: (_, message) => {
      const { token } = rpcs.readSession.request.parse(message.json());
      message.respond(JSON.stringify(token === GUESTS_TOKEN ? GUESTS_SESSION : null));
    },
  });
  await nats.request('inbound.crm.tickets.v1.replied', '{"email":"canary@example.com"}');
  const letters = async () => (await (await ask('GET /ops/dead-letters', 'operator')).json()) as { items: unknown[] };
  await waitFor(async () => (await letters()).items.length > 0, { what: 'the event to be parked' });
});

afterAll(async () => {
  await nats?.close();
  await app?.stop();
});

const ask = async (route: string, who: Who, there = THERE, query = '', headers: Record<string, string> = {}) => {
  const email = PEOPLE[who];
  const [method, pattern] = route.split(' ') as [string, string];
  const path = pattern.replace(/:\w+/g, (parameter) => encodeURIComponent(there[parameter] ?? 'none'));
  const isMail = route === 'POST /notifications/mail-checks';
  const body = isMail ? MAIL : BODIES[route] && JSON.stringify(BODIES[route]);
  return fetch(app.url + path + query, {
    method,
    headers: {
      ...headers,
      ...(who === 'guest' && { cookie: GUESTS_COOKIE }),
      ...(email && { authorization: `Bearer ${await app.token(email)}` }),
      ...(body && { 'content-type': isMail ? 'message/rfc822' : 'application/json' }),
    },
    ...(body && { body }),
  });
};

/** All of it; of a stream, which has no end, up to its first event. */
async function textOf(reply: Response): Promise<string> {
  if (!reply.headers.get('content-type')?.startsWith('text/event-stream')) return reply.text();
  const reader = (reply.body as ReadableStream<Uint8Array>).getReader();
  let text = '';
  while (!text.includes('data: ')) text += Buffer.from((await reader.read()).value ?? []).toString();
  await reader.cancel();
  // When to come back is a matter of chance.
  return text.replace(/^retry: \d+\n/, '');
}

describe('S19 every route checks who may use it', () => {
  it('has a row for every route, and no row for a removed route', () => {
    expect([...app.routes].sort()).toEqual(Object.keys(MATRIX).sort());
    expect(Object.keys(ANSWERS).sort()).toEqual(Object.keys(MATRIX).sort());
  });

  const cells = Object.entries(MATRIX).flatMap(([route, row]) =>
    Object.entries(row).map(([who, status]) => ({ route, who: who as Who, status })),
  );

  it.each(cells)('$route for $who: $status', async ({ route, who, status }) => {
    const reply = await ask(route, who);
    const body = await textOf(reply);
    expect(reply.status).toBe(status);
    expect(body.includes('canary')).toBe(SHOWS_CANARY.has(route) && status === 200);
    if (status >= 400) expect(reply.headers.get('content-type')).toContain('application/problem+json');
  });

  it.each(Object.entries(ANSWERS))('%s answers as the contract says, without further fields', async (route, answer) => {
    if (answer === null) return;
    const body = await (await ask(route, 'operator')).json();
    expect(answer.parse(body)).toEqual(body);
  });

  const guarded = Object.keys(MATRIX).filter((route) => (MATRIX[route]?.nobody ?? 0) >= 400);

  it.each(guarded)('%s reveals only to those who may use it whether something exists', async (route) => {
    const answerTo = async (who: Who, there?: typeof THERE) => {
      const reply = await ask(route, who, there);
      return { status: reply.status, body: await textOf(reply) };
    };
    for (const who of ['nobody', 'guest', 'customer', 'agent'] as const) {
      const present = await answerTo(who);
      // Not at once: of two requests that register one device, the second has it.
      expect(await answerTo(who, { ':address': 'none@example.com' })).toEqual(present);
    }
  });
});

describe('the audit', () => {
  const lines = (query = '') =>
    ask('GET /ops/audit', 'operator', THERE, query).then(
      async (reply) => ((await reply.json()) as Page<AuditEntryView>).items,
    );

  it('has an entry for everything that operators did or read, and none for what was refused', async () => {
    const forOperators = Object.keys(MATRIX).filter((route) => MATRIX[route]?.customer === 403);
    await Promise.all(forOperators.map((route) => ask(route, 'operator')));
    const { rows } = { rows: await app.database.dataSource.query('select distinct action, actor from audit_entries') };
    expect(rows.map(({ action }: { action: string }) => action).sort()).toEqual(forOperators.sort());
    expect(new Set(rows.map(({ actor }: { actor: string }) => actor))).toEqual(new Set(['ops']));
  });

  it('has reason and target; it contains no address, and is found by one', async () => {
    await ask('DELETE /ops/suppressions/:address', 'operator', THERE, '', { 'audit-reason': 'J%C3%A9r%C3%B4me asked' });
    // The entry about reading the audit comes first, since it is about this address, too.
    const [look, line] = await lines('?address=CANARY@example.com&limit=2');
    expect(look?.action).toBe('GET /ops/audit');
    expect(line).toMatchObject({
      action: 'DELETE /ops/suppressions/:address',
      actor: 'ops',
      reason: 'Jérôme asked',
      target: { address: expect.stringMatching(/^address:[0-9a-f]{32}$/) },
    });
    expect(Date.now() - Date.parse(line?.at ?? '')).toBeLessThan(60_000);
    expect(JSON.stringify(await app.database.dataSource.query('select * from audit_entries'))).not.toContain('canary');
    // Except the entry about reading it.
    expect(await lines('?address=other@example.com')).toHaveLength(1);
    expect(await lines('?actor=somebody')).toEqual([]);
  });

  it('comes in pages, newest first', async () => {
    const pageOf = async (query: string) =>
      (await (await ask('GET /ops/audit', 'operator', THERE, query)).json()) as Page<AuditEntryView>;
    const first = await pageOf('?limit=2');
    const second = await pageOf(`?limit=2&cursor=${first.next}`);
    const ids = [...first.items, ...second.items].map(({ id }: AuditEntryView) => id);
    expect(ids).toEqual([...new Set(ids)].sort().reverse());
    expect(ids).toHaveLength(4);
  });

  it.each(['update audit_entries set reason = null', 'delete from audit_entries', 'truncate audit_entries'])(
    'is append-only: the database refuses to %s',
    async (statement) => {
      await expect(app.database.dataSource.query(statement)).rejects.toThrow('append-only');
    },
  );

  it('is written before the answer: if no entry can be written, nothing is shown', async () => {
    await app.database.dataSource.query('alter table audit_entries rename to audit_entries_away');
    try {
      const reply = await ask('GET /ops/suppressions', 'operator');
      expect(reply.status).toBeGreaterThanOrEqual(500);
      expect(await reply.text()).not.toContain('canary');
    } finally {
      await app.database.dataSource.query('alter table audit_entries_away rename to audit_entries');
    }
  });
});
