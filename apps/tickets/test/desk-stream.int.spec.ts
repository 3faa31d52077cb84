import { deskHint } from '@bellhop/contracts/http';
import { addressIdentity } from '@bellhop/contracts/persons';
import { type Issuer, startIssuer, startTcpProxy, type TcpProxy, waitFor } from '@bellhop/local-stack';
import { ErasureKeys } from '@bellhop/service';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type LivePage, openStream } from './live-page.js';
import { type RunningTickets, runningTickets } from './running-tickets.js';

const own = { category: 'other', subject: 'CANARY', body: 'CANARY' };

let issuer: Issuer;
let tickets: RunningTickets;
let proxy: TcpProxy;
/** A second replica, whose network can be cut. */
let far: string;
const pages: LivePage[] = [];

beforeAll(async () => {
  issuer = await startIssuer();
  tickets = await runningTickets({ config: { OIDC_ISSUER: issuer.issuer, OIDC_AUDIENCE: issuer.audience } });
  proxy = await startTcpProxy(Number(new URL(tickets.natsUrl).port));
  far = await tickets.addReplica(`nats://127.0.0.1:${proxy.port}`);
});
/** Whatever happened, no hint has ever had more than this in it. */
afterEach(() => {
  for (const page of pages.splice(0)) {
    page.close();
    for (const hint of page.hints()) deskHint.strict().parse(hint);
    expect(page.text().replaceAll(/^event: desk\nid: \d+\ndata: \{.*\}\n\n/gm, '')).toBe('');
    expect(page.text()).not.toContain('CANARY');
  }
});
afterAll(async () => {
  await tickets?.stop();
  await Promise.all([proxy?.stop(), issuer?.stop()]);
});

const token = (id: string, isAgent: boolean, seconds = 3_600) =>
  issuer.token({ id, email: `${id}@example.com`, locale: 'en', isAgent }, seconds);
const agent = (id = 'lea', url?: string) => tickets.signedIn(token(id, true), url);
const customer = (id: string) => tickets.signedIn(token(id, false));

/** The desk of an agent, once it was told to look at everything. */
async function open(url = tickets.url, id = 'lea', seconds?: number): Promise<LivePage> {
  const page = await openStream(`${url}/desk/stream`, { authorization: `Bearer ${token(id, true, seconds)}` });
  pages.push(page);
  await waitFor(() => page.hints().length === 1);
  expect(page.hints()).toEqual([{ rev: expect.any(Number) }]);
  return page;
}
const named = (page: LivePage): string[] => page.hints().flatMap(({ tickets: ids = [] }) => ids);
const untilNamed = (all: readonly LivePage[], id: string) =>
  waitFor(() => all.every((page) => named(page).includes(id)), { what: `a hint about ${id}` });
const filed = async (person = 'ada'): Promise<string> => (await customer(person).post('/tickets', own)).body.id;

describe('the stream of the desk', () => {
  it('names what has changed, on every replica within a second: tickets that are filed, answered, assigned, and noted on', async () => {
    const all = [await open(), await open(far)];
    const id = await filed();
    await untilNamed(all, id);
    for (const [path, body] of Object.entries({
      replies: { body: 'CANARY' },
      notes: { body: 'CANARY' },
      assignment: { agent: 'lea@example.com' },
    })) {
      const before = all.map((page) => named(page).length);
      const startedAt = performance.now();
      expect((await agent().post(`/desk/tickets/${id}/${path}`, body)).status).toBeLessThan(300);
      await waitFor(() => all.every((page, index) => named(page).length > (before[index] as number)));
      expect(performance.now() - startedAt).toBeLessThan(1_000);
    }
    for (const page of all) expect(new Set(named(page))).toEqual(new Set([id]));
  });

  it('says nothing of what the desk does not show: tickets that are not proven yet, and what was seen', async () => {
    const page = await open();
    const { id } = (await tickets.nobody.post('/tickets', { ...own, guest: { email: 'jana@example.com' } })).body;
    const marker = await filed();
    await untilNamed([page], marker);
    expect(named(page)).toEqual([marker]);
    await tickets.browser(tickets.guestAuth.session('jana@example.com', [id]).cookie).get(`/tickets/${id}`);
    await untilNamed([page], id);
    await agent().post(`/desk/tickets/${marker}/replies`, { body: 'CANARY' });
    await waitFor(() => named(page).length === 3);
    await customer('ada').put(`/tickets/${marker}/seen`);
    await agent().post(`/desk/tickets/${id}/notes`, { body: 'CANARY' });
    await waitFor(() => named(page).length === 4);
    expect(named(page)).toEqual([marker, id, marker, id]);
  });

  it('makes few hints of a burst of 200 changes, and leaves none out', async () => {
    const ids = await Promise.all(Array.from({ length: 40 }, () => filed()));
    const all = [await open(), await open(far)];
    const startedAt = performance.now();
    for (let round = 0; round < 5; round++) {
      const replies = ids.map((id) => agent().post(`/desk/tickets/${id}/replies`, { body: 'CANARY' }));
      for (const { status } of await Promise.all(replies)) expect(status).toBe(201);
    }
    const lastedMs = performance.now() - startedAt;
    const last = await filed();
    await untilNamed(all, last);
    for (const page of all) {
      // The first one was there before the burst, and the last change came after it.
      expect(page.hints().length - 2).toBeLessThanOrEqual(lastedMs / 250 + 1);
      expect(new Set(named(page))).toEqual(new Set([...ids, last]));
    }
  });

  it('F3 has a page look at everything when NATS was away, and tells meanwhile what its own replica does', async () => {
    const page = await open(far);
    const id = await filed();
    await untilNamed([page], id);
    proxy.hang();
    proxy.reset();
    // Until the replica has noticed, it says things to a connection that is gone.
    const isTold = async () => {
      const before = named(page).length;
      await agent('lea', far).post(`/desk/tickets/${id}/notes`, { body: 'CANARY' });
      await waitFor(() => named(page).length > before, { timeoutMs: 1_000 });
      return true;
    };
    await waitFor(() => isTold().catch(() => false), { what: 'a note to be told without NATS' });
    const before = page.hints().length;
    const missed = await filed();
    proxy.serveNewOnes();
    await waitFor(() =>
      page
        .hints()
        .slice(before)
        .some(({ tickets: ids }) => ids === undefined),
    );
    expect(named(page)).not.toContain(missed);
  });

  it('names the tickets of somebody who is erased', async () => {
    const page = await open();
    const id = await filed('max');
    await untilNamed([page], id);
    const hash = new ErasureKeys([Buffer.alloc(32, 5)]).hash(addressIdentity('max@example.com'));
    const heard = `now() - interval '1 minute'`;
    await tickets.database.dataSource.query(
      `insert into erasures (id, person_hash, requested_at, heard_at) values (gen_random_uuid(), $1, ${heard}, ${heard})`,
      [hash],
    );
    await waitFor(() => named(page).length === 2, { timeoutMs: 20_000, what: 'the ticket to be named again' });
    expect(named(page)).toEqual([id, id]);
    expect((await agent().get(`/desk/tickets/${id}`)).status).toBe(404);
  });

  it('ends with its token, and is one of five for each agent', async () => {
    const short = await open(tickets.url, 'kim', 2);
    await waitFor(() => short.isEnded, { timeoutMs: 10_000, what: 'the stream to end' });
    const five: LivePage[] = [];
    for (let index = 0; index < 5; index++) five.push(await open());
    const other = await open(tickets.url, 'kim');
    await open();
    await waitFor(() => five[0]?.isEnded);
    expect([...five.slice(1), other].filter(({ isEnded }) => isEnded)).toEqual([]);
  });

  it('S22 is for agents only', async () => {
    for (const headers of [
      { authorization: `Bearer ${token('ada', false)}` },
      {},
      { cookie: '__Host-bellhop-guest=x' },
    ]) {
      await expect(openStream(`${tickets.url}/desk/stream`, headers as Record<string, string>)).rejects.toThrow(
        /40[14]/,
      );
    }
  });
});
