import { ticketHint } from '@bellhop/contracts/http';
import { addressIdentity } from '@bellhop/contracts/persons';
import { type Issuer, startIssuer, startTcpProxy, type TcpProxy, waitFor } from '@bellhop/local-stack';
import { ErasureKeys } from '@bellhop/service';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type LivePage, openStream, untilTold } from './live-page.js';
import { type Person, type RunningTickets, runningTickets } from './running-tickets.js';

const own = { category: 'other', subject: 'CANARY', body: 'CANARY' };

let issuer: Issuer;
let tickets: RunningTickets;
let proxy: TcpProxy;
/** A second replica, whose network can be cut. */
let far: string;
let agent: Person;
const pages: LivePage[] = [];

beforeAll(async () => {
  issuer = await startIssuer();
  tickets = await runningTickets({ config: { OIDC_ISSUER: issuer.issuer, OIDC_AUDIENCE: issuer.audience } });
  proxy = await startTcpProxy(Number(new URL(tickets.natsUrl).port));
  far = await tickets.addReplica(`nats://127.0.0.1:${proxy.port}`);
  agent = tickets.signedIn(token('lea', { isAgent: true }));
});
afterEach(() => {
  for (const page of pages.splice(0)) page.close();
});
afterAll(async () => {
  await tickets?.stop();
  await Promise.all([proxy?.stop(), issuer?.stop()]);
});

const token = (id: string, { isAgent = false, seconds = 3_600 } = {}) =>
  issuer.token({ id, email: `${id}@example.com`, locale: 'en', isAgent }, seconds);
const bearer = (id: string, seconds?: number) => ({ authorization: `Bearer ${token(id, { seconds })}` });

async function open(id: string, headers: Record<string, string>, url = tickets.url): Promise<LivePage> {
  const page = await openStream(`${url}/tickets/${id}/stream`, headers);
  pages.push(page);
  return page;
}
const filed = async (person: string): Promise<string> =>
  (await tickets.signedIn(token(person)).post('/tickets', own)).body.id;
const reply = async (id: string) =>
  expect((await agent.post(`/desk/tickets/${id}/replies`, { body: 'CANARY' })).status).toBe(201);

/** A proven ticket of a guest, and a session that has opened it. */
async function filedAsGuest(email: string) {
  const { id } = (await tickets.nobody.post('/tickets', { ...own, guest: { email } })).body as { id: string };
  const { cookie, token: session } = tickets.guestAuth.session(email, [id]);
  await tickets.browser(cookie).get(`/tickets/${id}`);
  return { id, headers: { cookie }, session };
}

describe('the stream of a ticket', () => {
  it('begins with the present version, after each connection, and says so only to who has another', async () => {
    const id = await filed('ada');
    const page = await open(id, bearer('ada'));
    await untilTold(page, { version: 1 });
    await reply(id);
    await untilTold(page, { version: 2 });
    expect(page.text()).toBe(
      'event: ticket\nid: 1\ndata: {"version":1}\n\nevent: ticket\nid: 2\ndata: {"version":2}\n\n',
    );
    for (const hint of page.hints()) ticketHint.strict().parse(hint);
    const again = await open(id, { ...bearer('ada'), 'last-event-id': '2' });
    await waitFor(() => again.text() === ': nothing new\n\n');
    await untilTold(await open(id, { ...bearer('ada'), 'last-event-id': '1' }), { version: 2 });
  });

  it('tells within a second, on every replica, of what is said, solved, closed and reopened, and of no other ticket', async () => {
    const [id, others] = [await filed('ada'), await filed('ada')];
    const all = [await open(id, bearer('ada')), await open(id, bearer('ada'), far)];
    const other = await open(others, bearer('ada'));
    await untilTold([...all, other], { version: 1 });
    const startedAt = performance.now();
    await reply(id);
    await untilTold(all, { version: 2 });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    await agent.post(`/desk/tickets/${id}/resolution`, {});
    await untilTold(all, { version: 3 });
    const ada = tickets.signedIn(token('ada'));
    await ada.post(`/tickets/${id}/messages`, { body: 'CANARY' });
    await untilTold(all, { version: 5 });
    await ada.post(`/tickets/${id}/closing`);
    await untilTold(all, { version: 6 });
    for (const page of all) expect(page.text()).not.toContain('CANARY');
    expect(other.hints()).toEqual([{ version: 1 }]);
  });

  it('S21 says nothing of a note, nor of what was seen', async () => {
    const ada = tickets.signedIn(token('ada'));
    const id = await filed('ada');
    const page = await open(id, bearer('ada'));
    await untilTold(page, { version: 1 });
    expect((await agent.post(`/desk/tickets/${id}/notes`, { body: 'CANARY' })).status).toBe(201);
    expect((await ada.put(`/tickets/${id}/seen`)).status).toBe(204);
    await reply(id);
    await untilTold(page, { version: (await ada.get(`/tickets/${id}`)).body.ticket.version });
    expect(page.hints()).toEqual([{ version: 1 }, { version: 2 }]);
  });

  it('is one of five for each person, whichever tickets they are about', async () => {
    const ids = [await filed('kim'), await filed('kim')];
    const six: LivePage[] = [];
    for (let index = 0; index < 6; index++) {
      const page = await open(ids[index % 2] as string, bearer('kim'));
      await untilTold(page, { version: 1 });
      six.push(page);
    }
    await waitFor(() => six[0]?.isEnded);
    expect(six.filter(({ isEnded }) => isEnded)).toHaveLength(1);
  });

  it('F3 heals what was said while NATS was away', async () => {
    const id = await filed('ada');
    const page = await open(id, bearer('ada'), far);
    await untilTold(page, { version: 1 });
    proxy.hang();
    proxy.reset();
    for (let count = 0; count < 3; count++) await reply(id);
    proxy.serveNewOnes();
    await untilTold(page, { version: 4 });
  });
});

describe('S22 a stream', () => {
  it.each(['*', '>', '%25', '.', 'undefined', '00000000-0000-4000-8000-000000000000'])(
    'S22 of %s is refused',
    async (id) => {
      await expect(open(id, bearer('ada'))).rejects.toThrow('404');
    },
  );

  it('S22 of another’s ticket is refused, to a customer, an agent and a guest', async () => {
    const [id, jana] = [await filed('ada'), await filedAsGuest('jana@example.com')];
    await expect(open(id, bearer('jan'))).rejects.toThrow('404');
    await expect(open(id, { authorization: `Bearer ${token('lea', { isAgent: true })}` })).rejects.toThrow('404');
    await expect(open(id, jana.headers)).rejects.toThrow('404');
    await expect(open(jana.id, bearer('ada'))).rejects.toThrow('404');
    await expect(open(id, {})).rejects.toThrow('401');
    await expect(open(id, bearer('ada', -60))).rejects.toThrow('401');
  });

  it('S22 ends with its token', async () => {
    const page = await open(await filed('ada'), bearer('ada', 2));
    await untilTold(page, { version: 1 });
    await waitFor(() => page.isEnded, { timeoutMs: 10_000, what: 'the stream to end' });
  });

  it('S22 tells a guest, on every replica', async () => {
    const { id, headers } = await filedAsGuest('jana@example.com');
    const all = [await open(id, headers), await open(id, headers, far)];
    await untilTold(all, { version: 1 });
    await reply(id);
    await untilTold(all, { version: 2 });
  });

  it('S22 does not keep the session of a guest alive: nobody has clicked', async () => {
    const { id } = await filedAsGuest('jana@example.com');
    // One that this app has not read yet.
    const { cookie } = tickets.guestAuth.session('jana@example.com', [id]);
    const { sessionsRead, sessionsUsed } = tickets.guestAuth;
    const page = await open(id, { cookie });
    await reply(id);
    await untilTold(page, { version: 2 });
    expect((await tickets.browser(cookie).get(`/tickets/${id}`)).status).toBe(200);
    expect(tickets.guestAuth.sessionsRead).toBeGreaterThan(sessionsRead);
    expect(tickets.guestAuth.sessionsUsed).toBe(sessionsUsed);
  });

  it('S22 of a guest whose session was revoked ends without another hint', async () => {
    const { id, headers, session } = await filedAsGuest('jana@example.com');
    const page = await open(id, headers);
    await untilTold(page, { version: 1 });
    tickets.guestAuth.revoke(session);
    // What guest-auth has said is good for five seconds.
    await waitFor(async () => (await tickets.browser(headers.cookie).get(`/tickets/${id}`)).status === 401, {
      timeoutMs: 10_000,
    });
    await reply(id);
    await waitFor(() => page.isEnded, { what: 'the stream to end' });
    expect(page.hints()).toEqual([{ version: 1 }]);
  });

  it('S22 of a guest whose session is over ends', async () => {
    const { id } = await filedAsGuest('jana@example.com');
    const { cookie } = tickets.guestAuth.session('jana@example.com', [id], 2_000);
    const page = await open(id, { cookie });
    await waitFor(() => page.isEnded, { timeoutMs: 10_000, what: 'the stream to end' });
  });

  it('S22 of a ticket that is somebody else’s meanwhile ends without another hint', async () => {
    const id = await filed('ada');
    await filed('jan');
    const page = await open(id, bearer('ada'));
    await untilTold(page, { version: 1 });
    await tickets.database.dataSource.query(`update tickets set requester_id = 'jan' where id = $1`, [id]);
    await reply(id);
    await waitFor(() => page.isEnded, { what: 'the stream to end' });
    expect(page.hints()).toEqual([{ version: 1 }]);
    await untilTold(await open(id, bearer('jan')), { version: 2 });
  });

  it('S22 of somebody who is erased ends, on every replica', async () => {
    const id = await filed('max');
    const all = [await open(id, bearer('max')), await open(id, bearer('max'), far)];
    await untilTold(all, { version: 1 });
    const hash = new ErasureKeys([Buffer.alloc(32, 5)]).hash(addressIdentity('max@example.com'));
    const heard = `now() - interval '1 minute'`;
    await tickets.database.dataSource.query(
      `insert into erasures (id, person_hash, requested_at, heard_at) values (gen_random_uuid(), $1, ${heard}, ${heard})`,
      [hash],
    );
    await waitFor(() => all.every(({ isEnded }) => isEnded), { timeoutMs: 20_000, what: 'the streams to end' });
    for (const page of all) expect(page.hints()).toEqual([{ version: 1 }]);
  });
});
