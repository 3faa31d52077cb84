import { headerOf, waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Operations, solved } from './operations.js';

let stack: Operations;

beforeAll(async () => {
  stack = await Operations.start();
});
afterAll(() => stack?.stop());

const list = async (query: string) => (await stack.ask('GET', `/ops/deliveries?${query}`)).body.items;
const replay = (id: string, body?: unknown, headers = {}) =>
  stack.ask('POST', `/ops/deliveries/${id}/replay`, body, headers);
const shown = async (id: string) => (await stack.ask('GET', `/ops/deliveries/${id}`)).body;
const until = (id: string, state: string) =>
  waitFor(
    async () => {
      const delivery = await shown(id);
      return delivery.state === state && delivery;
    },
    { what: `the delivery to be ${state}` },
  );

const messageIdsTo = (address: string) => stack.sink.to(address).map(({ raw }) => headerOf(raw, 'message-id'));

/** Publishes an alert, and waits for a state of its delivery. @returns the delivery */
async function delivery(address: string, state: string): Promise<string> {
  const event = solved(address);
  await stack.publish(event);
  const found = await waitFor(async () => (await list(`state=${state}&ticket=${event.data.ticket.id}`))[0], {
    what: `a delivery that is ${state}`,
  });
  return found.id;
}

describe('a delivery that is dead because the mail server refused the address', () => {
  const address = 'refused@example.com';
  let id: string;

  it('is listed and shown in detail, without an address', async () => {
    stack.sink.when({ at: 'rcpt', to: address, answer: '550 5.1.1 no such user' });
    id = await delivery(address, 'dead');
    const delivered = await shown(id);
    expect(delivered).toMatchObject({
      id,
      system: 'crm',
      state: 'dead',
      reason: 'address_refused',
      attempts: 1,
      unknowns: 0,
      template: 'resolved',
      recipient: { role: 'requester', kind: 'guest', id: null },
      frozenAt: null,
      decisions: [{ type: 'ticket.resolved.v1', reason: null }],
    });
    expect(await list('state=dead&reason=address_refused&system=crm')).toMatchObject([{ id }]);
    expect(await list('state=dead&reason=no_answer')).toEqual([]);
    expect(JSON.stringify([delivered, await list('')])).not.toContain('refused@');
  });

  it('is skipped again while the address is suppressed, and the answer says so beforehand', async () => {
    stack.sink.forgetRules();
    expect(await replay(id, { isDryRun: true })).toMatchObject({
      status: 200,
      body: { deliveryId: id, state: 'dead', key: 'new', mayDuplicate: false, refusal: 'address_suppressed' },
    });
    expect((await shown(id)).state).toBe('dead');
    expect(await replay(id)).toMatchObject({ status: 202, body: { refusal: 'address_suppressed' } });
    await until(id, 'skipped');
  });

  it('arrives, once, when the suppression is lifted and it is replayed', async () => {
    await stack.notifier.database.query('delete from suppressions');
    const key = { 'idempotency-key': crypto.randomUUID() };
    const first = await replay(id, {}, key);
    expect(first).toMatchObject({ status: 202, body: { state: 'skipped', key: 'new', refusal: null } });
    await until(id, 'accepted');
    const again = await replay(id, {}, key);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(stack.sink.to(address)).toHaveLength(1);
  });

  it('is not sent again by mistake, only on purpose', async () => {
    expect(await replay(id)).toMatchObject({ status: 409, body: { code: 'delivery_accepted' } });
    const again = await replay(id, { isAgain: true });
    expect(again).toMatchObject({
      status: 202,
      body: { mayDuplicate: true, why: expect.stringContaining('second message') },
    });
    await waitFor(() => stack.sink.to(address).length === 2, { what: 'the second mail' });
    await until(id, 'accepted');
    // Mailboxes discard a mail with the Message-ID of one that they have.
    expect(messageIdsTo(address)).toEqual([`<${id}@example.test>`, `<${id}.1@example.test>`]);
  });
});

describe('a delivery with an unanswered attempt', () => {
  const address = 'silent@example.com';

  it('is repeated under the same Message-ID, also when it is replayed, and under a new one only on purpose', async () => {
    stack.sink.when({ at: 'dot', to: address, answer: 'drop', times: 2 });
    const id = await delivery(address, 'dead');
    expect(await shown(id)).toMatchObject({ reason: 'no_answer', unknowns: 2 });
    expect(await replay(id)).toMatchObject({ status: 202, body: { key: 'new', mayDuplicate: true } });
    await until(id, 'accepted');
    expect(messageIdsTo(address)).toEqual(Array(3).fill(`<${id}@example.test>`));
    await replay(id, { isAgain: true });
    await waitFor(() => stack.sink.to(address).length === 4, { what: 'the fourth mail' });
    expect(messageIdsTo(address)[3]).toBe(`<${id}.1@example.test>`);
    await until(id, 'accepted');
  });
});

describe('a delivery that waits for its next attempt', () => {
  it('is sent at once, with the bytes of its first attempt', async () => {
    const address = 'later@example.com';
    stack.sink.when({ at: 'dot', to: address, answer: '451 4.3.0 later', times: 1 });
    const id = await delivery(address, 'retrying');
    await stack.notifier.database.query(`update deliveries set due_at = now() + interval '1 hour' where id = $1`, [id]);
    expect((await shown(id)).frozenAt).not.toBeNull();
    expect(await replay(id)).toMatchObject({ status: 202, body: { key: 'same', mayDuplicate: false } });
    expect(await until(id, 'accepted')).toMatchObject({ attempts: 2 });
    expect(stack.sink.to(address)).toHaveLength(1);
  });
});

describe('a delivery that must not be replayed', () => {
  it.each([
    ['sending', 'delivery_busy'],
    ['leased', 'delivery_busy'],
    ['pending', 'delivery_pending'],
  ])('because it is %s is left alone', async (state, code) => {
    const id = await delivery(`${state}@example.com`, 'accepted');
    await stack.notifier.database.query(
      `update deliveries set state = $2, settled_at = null, due_at = now() + interval '1 hour',
         lease_until = now() + interval '1 hour' where id = $1`,
      [id, state],
    );
    expect(await replay(id)).toMatchObject({ status: 409, body: { code } });
    expect((await shown(id)).state).toBe(state);
    await stack.notifier.database.query(`update deliveries set state = 'accepted', settled_at = now() where id = $1`, [
      id,
    ]);
  });

  it('because its person has seen the ticket meanwhile is skipped again', async () => {
    const address = 'reader@example.com';
    stack.sink.when({ at: 'rcpt', to: address, answer: '554 5.7.1 not today', times: 1 });
    const id = await delivery(address, 'dead');
    await stack.notifier.database.query('delete from suppressions');
    await stack.notifier.database.query(
      `update known_tickets k set seen_version = d.version from deliveries d where d.id = $1 and k.ticket_id = d.ticket_id`,
      [id],
    );
    expect(await replay(id)).toMatchObject({ status: 202, body: { refusal: 'seen' } });
    expect(await until(id, 'skipped')).toMatchObject({ reason: 'seen' });
    expect(stack.sink.to(address)).toEqual([]);
  });

  it.each(['nonsense', '0199f3a1-7c1e-4d55-9d2e-3b6a5b1f0c11'])('because there is none: %s', async (id) => {
    expect(await replay(id)).toMatchObject({ status: 404, body: { code: 'delivery_not_found' } });
    expect(await stack.ask('GET', `/ops/deliveries/${id}`)).toMatchObject({ status: 404 });
  });
});

describe('many deliveries', () => {
  it('are counted first, then replayed in batches, each once', async () => {
    await stack.notifier.database.query(`delete from deliveries where state in ('dead', 'skipped')`);
    const people = Array.from({ length: 5 }, (_, index) => `many-${index}@example.com`);
    for (const to of people) stack.sink.when({ at: 'dot', to, answer: '554 5.6.0 not like this', times: 1 });
    for (const address of people) await delivery(address, 'dead');
    const filter = { state: 'dead', system: 'crm' };
    const ask = (body: object) => stack.ask('POST', '/ops/deliveries/replays', { filter, ...body });

    const dry = await ask({ isDryRun: true });
    expect(dry).toMatchObject({ status: 200, body: { replayed: 0, remaining: 5, mayDuplicate: 0, cursor: null } });
    expect(dry.body.items).toHaveLength(5);
    const moved: number[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const { status, body } = await ask({ limit: 2, ...(cursor && { cursor }) });
      expect(status).toBe(202);
      moved.push(body.replayed);
      expect(body.remaining).toBeNull();
      cursor = body.cursor;
    }
    expect(moved).toEqual([2, 2, 1]);
    await stack.notifier.untilSettled();
    for (const address of people) expect(stack.sink.to(address)).toHaveLength(1);
    expect(await ask({})).toMatchObject({ status: 202, body: { replayed: 0, remaining: null, cursor: null } });
  });

  it('cannot be selected if accepted, nor without a state', async () => {
    for (const filter of [{ state: 'accepted' }, {}]) {
      expect(await stack.ask('POST', '/ops/deliveries/replays', { filter })).toMatchObject({ status: 422 });
    }
  });

  it('cannot be selected by an invented cursor', async () => {
    const cursor = Buffer.from('2026-02-30T00:00:00.000000Z/0199f3a1-7c1e-7d55-9d2e-3b6a5b1f0c11').toString(
      'base64url',
    );
    const problem = { status: 400, body: { code: 'invalid_cursor' } };
    expect(await stack.ask('GET', `/ops/deliveries?cursor=${cursor}`)).toMatchObject(problem);
    const request = { filter: { state: 'dead' }, cursor };
    expect(await stack.ask('POST', '/ops/deliveries/replays', request)).toMatchObject(problem);
  });

  it('are listed page by page, newest first, each once', async () => {
    const all = (await list('limit=100')) as { id: string; createdAt: string }[];
    const found: string[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const { body } = await stack.ask('GET', `/ops/deliveries?limit=3${next && `&cursor=${next}`}`);
      found.push(...body.items.map(({ id }: { id: string }) => id));
      next = body.next;
    }
    expect(found).toEqual(all.map(({ id }) => id));
    const moments = all.map(({ createdAt }) => createdAt);
    expect([...moments].sort().reverse()).toEqual(moments);
  });
});
