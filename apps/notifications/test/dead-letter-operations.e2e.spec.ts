import { redriveResponse } from '@bellhop/contracts/http';
import { waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Operations, solved } from './operations.js';

const SUBJECT = 'inbound.crm.tickets.v1.resolved';
const CONFIGURED = { INBOUND_SYSTEMS: 'crm=https://crm.example.com/' };

let stack: Operations;

beforeAll(async () => {
  stack = await Operations.start({ INBOUND_SYSTEMS: 'erp=https://erp.example.com/' });
});
afterAll(() => stack?.stop());

const letters = async (query = '') => (await stack.ask('GET', `/ops/dead-letters${query}`)).body.items;
/** Waits for so many letters. @returns the newest one */
const parked = (howMany: number) =>
  waitFor(
    async () => {
      const all = await letters('?limit=100');
      return all.length >= howMany && all[0];
    },
    { what: `${howMany} dead letters` },
  );
const redrive = (sequence: number, body: unknown = {}, headers = {}) =>
  stack.ask('POST', `/ops/dead-letters/${sequence}/redrive`, body, headers);
const explanation = async (event: string) => {
  const { status, body } = await stack.ask('GET', `/ops/explanations/${event}`);
  return { status, body };
};
const untilMailed = (address: string) =>
  waitFor(() => stack.sink.to(address).length > 0, { what: `a mail to ${address}` });
let total = 0;
/** Publishes an event that becomes a dead letter. @returns that letter */
async function park(data: string | Uint8Array, subject = SUBJECT) {
  await stack.publishRaw(subject, data);
  total += 1;
  return parked(total);
}

describe('a dead letter of a system that nobody has configured', () => {
  const event = solved('unconfigured@example.com');
  let sequence: number;

  it('is listed and shown with its reason, origin and content', async () => {
    const letter = await park(JSON.stringify(event));
    ({ sequence } = letter);
    expect(letter).toMatchObject({
      reason: 'url_not_allowed',
      detail: expect.stringContaining('INBOUND_SYSTEMS'),
      subject: SUBJECT,
      stream: 'INBOUND',
      streamSequence: 1,
      sizeBytes: JSON.stringify(event).length,
      isTruncated: false,
      isRedriven: false,
      redriven: null,
    });
    const shown = await stack.ask('GET', `/ops/dead-letters/${sequence}`);
    expect(shown.body).toMatchObject({ ...letter, encoding: 'utf8', body: JSON.stringify(event) });
    expect(shown.body.headers).toMatchObject({ 'Bellhop-Reason': 'url_not_allowed', 'Bellhop-Subject': SUBJECT });
    expect(shown.headers.get('cache-control')).toBe('no-store');
  });

  it('is refused again, with the sentence that says why, until the setting is made', async () => {
    const refused = await redrive(sequence);
    expect(refused).toMatchObject({ status: 422, body: { code: 'event_not_admissible', reason: 'url_not_allowed' } });
    expect(refused.body.detail).toContain('INBOUND_SYSTEMS');
    expect(await letters()).toMatchObject([{ isRedriven: false }]);
    await stack.notifier.stopReplicas();
    await stack.notifier.addReplica(CONFIGURED);
    await stack.notifier.untilReady();
  });

  it('is checked without any effect in a dry run', async () => {
    const dry = await redrive(sequence, { isDryRun: true });
    expect(dry).toMatchObject({ status: 200, body: { isDryRun: true, eventId: event.id, decisions: [] } });
    expect(await stack.notifier.countDeliveries()).toBe(0);
    expect(await letters()).toMatchObject([{ isRedriven: false }]);
  });

  it('is redriven, and arrives once, also when it is redriven again', async () => {
    const first = await redrive(sequence);
    expect(first).toMatchObject({
      status: 200,
      body: { sequence, system: 'crm', eventId: event.id, isDuplicate: false, isRepaired: false },
    });
    expect(first.body.decisions).toMatchObject([
      { channel: 'email', recipient: { kind: 'guest', id: null }, outcome: 'deliver' },
      { channel: 'feed', outcome: 'skip', reason: 'no_endpoint' },
    ]);
    expect(redriveResponse.parse(first.body)).toEqual(first.body);
    expect(JSON.stringify(first.body)).not.toContain('unconfigured@');
    await untilMailed('unconfigured@example.com');
    const second = await redrive(sequence);
    expect(second).toMatchObject({ status: 200, body: { isDuplicate: true } });
    // Published again by the help desk; the mail of the next event comes later than its own would.
    await stack.publish(event);
    await stack.publish(solved('behind@example.com'));
    await untilMailed('behind@example.com');
    await stack.notifier.untilSettled();
    expect(stack.sink.to('unconfigured@example.com')).toHaveLength(1);
    expect(await letters()).toMatchObject([{ isRedriven: true, redriven: { by: 'ops', isRepaired: false } }]);
  });
});

describe('a dead letter with a broken field', () => {
  it('is repaired by hand and redriven; the original keeps its bytes', async () => {
    const event = solved('broken@example.com', { number: '#1' });
    const { sequence, detail } = await park(JSON.stringify(event));
    expect(detail).toContain('data.ticket.number');
    expect(await explanation(event.id)).toEqual({
      status: 200,
      body: {
        system: 'crm',
        eventId: event.id,
        decisions: [],
        deadLetter: { sequence, reason: 'invalid_event', detail },
      },
    });
    expect(await explanation(`${event.id}?system=erp`)).toMatchObject({
      status: 404,
      body: { code: 'event_not_found' },
    });
    expect(await redrive(sequence)).toMatchObject({ status: 422, body: { reason: 'invalid_event', detail } });
    const { ticket } = event.data;
    const repaired = { ...event, data: { ...event.data, ticket: { ...ticket, number: 'N1' } } };
    expect(await redrive(sequence, { event: repaired })).toMatchObject({
      body: { isRepaired: true, isDuplicate: false },
    });
    await untilMailed('broken@example.com');
    expect(await redrive(sequence, { event: repaired })).toMatchObject({ body: { isDuplicate: true } });
    expect((await explanation(event.id)).body).toMatchObject({
      decisions: [{ outcome: 'deliver' }, { outcome: 'skip', reason: 'no_endpoint' }],
      deadLetter: null,
    });
    const { body } = await stack.ask('GET', `/ops/dead-letters/${sequence}`);
    expect(body).toMatchObject({ body: JSON.stringify(event), redriven: { isRepaired: true } });
    expect(stack.sink.to('broken@example.com')).toHaveLength(1);
  });

  it('S35 cannot be repaired into another system, another type or a foreign link: its subject remains the proof', async () => {
    const { sequence } = await park('{}');
    const event = solved('elsewhere@example.com');
    const { ticket } = event.data;
    const evil = { ...event, data: { ...event.data, ticket: { ...ticket, url: 'https://evil.example.com/' } } };
    expect(await redrive(sequence, { event: evil })).toMatchObject({
      status: 422,
      body: { reason: 'url_not_allowed' },
    });
    const other = { ...event, type: 'ticket.replied.v1' };
    expect(await redrive(sequence, { event: other })).toMatchObject({
      status: 422,
      body: { reason: 'subject_mismatch' },
    });
  });

  it('that is not text has its bytes shown in base64', async () => {
    const { sequence } = await park(Uint8Array.of(0xff, 0xfe, 0x00));
    const shown = await stack.ask('GET', `/ops/dead-letters/${sequence}`);
    expect(shown.body).toMatchObject({ encoding: 'base64', body: '//4A' });
    expect(await redrive(sequence)).toMatchObject({ status: 422, body: { reason: 'invalid_json' } });
  });

  it('that was too large is truncated, and needs a repaired event', async () => {
    const event = solved('large@example.com');
    const { sequence, isTruncated, sizeBytes } = await park(JSON.stringify({ ...event, padding: 'x'.repeat(300_000) }));
    expect({ isTruncated, isLarge: sizeBytes > 300_000 }).toEqual({ isTruncated: true, isLarge: true });
    expect(await redrive(sequence)).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining('repaired') },
    });
    expect(await redrive(sequence, { event })).toMatchObject({ status: 200, body: { isDuplicate: false } });
    await untilMailed('large@example.com');
  });
});

describe('a request about dead letters', () => {
  it('repeated under its key gets the first answer; another body under that key is refused', async () => {
    const { sequence } = await park(JSON.stringify(solved('once@example.com', { number: '#1' })));
    const event = solved('once@example.com');
    const key = { 'idempotency-key': crypto.randomUUID() };
    const first = await redrive(sequence, { event }, key);
    const again = await redrive(sequence, { event }, key);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(again.body).toEqual(first.body);
    expect(await redrive(sequence, {}, key)).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
  });

  it('is answered also when there are more at once than connections to the database', async () => {
    const { sequence } = await park(JSON.stringify(solved('crowd@example.com', { number: '#1' })));
    const people = Array.from({ length: 24 }, (_, index) => `crowd-${index}@example.com`);
    const all = await Promise.all(people.map((address) => redrive(sequence, { event: solved(address) })));
    expect(all.map(({ status }) => status)).toEqual(people.map(() => 200));
    for (const address of people) await untilMailed(address);
  });

  it.each(['0', '999999', '-1', '1.5', 'x', '1e3', '9'.repeat(30)])(
    'finds nothing under the number %s',
    async (number) => {
      expect(await stack.ask('GET', `/ops/dead-letters/${number}`)).toMatchObject({
        status: 404,
        body: { code: 'dead_letter_not_found' },
      });
    },
  );

  it('shows no dead letters of another service', async () => {
    const { body: before } = await stack.ask('GET', '/ops/dead-letters?limit=1');
    await stack.notifier.publishRaw('dead_letters.tickets.invalid_event', 'canary');
    const sequence = before.items[0].sequence + 1;
    expect(await stack.ask('GET', `/ops/dead-letters/${sequence}`)).toMatchObject({ status: 404 });
    expect((await letters('?limit=100')).map((one: { sequence: number }) => one.sequence)).not.toContain(sequence);
    expect(await redrive(sequence)).toMatchObject({ status: 404 });
  });

  it('lists all of them page by page, newest first, each once, also filtered by reason', async () => {
    const walk = async (query: string) => {
      const found: number[] = [];
      for (let next = ''; ; ) {
        const { body } = await stack.ask('GET', `/ops/dead-letters?${query}${next}`);
        found.push(...body.items.map((one: { sequence: number }) => one.sequence));
        if (body.next === null) return found;
        next = `&cursor=${body.next}`;
      }
    };
    const all = (await letters('?limit=100')) as { sequence: number; reason: string }[];
    const numbers = all.map(({ sequence }) => sequence);
    expect([...numbers].sort((a, b) => b - a)).toEqual(numbers);
    expect(await walk('limit=2')).toEqual(numbers);
    const invalid = all.filter(({ reason }) => reason === 'invalid_event').map(({ sequence }) => sequence);
    expect(invalid.length).toBeGreaterThan(1);
    expect(await walk('limit=1&reason=invalid_event')).toEqual(invalid);
    expect(await walk('limit=2&stream=TICKETS')).toEqual([]);
    expect(await stack.ask('GET', '/ops/dead-letters?cursor=nonsense')).toMatchObject({ status: 400 });
  });
});

describe('many dead letters', () => {
  it('are redriven in batches, the unusable ones are listed, and none is redriven twice', async () => {
    await stack.notifier.stopReplicas();
    await stack.notifier.addReplica({ INBOUND_SYSTEMS: 'erp=https://erp.example.com/' });
    await stack.notifier.untilReady();
    const people = Array.from({ length: 7 }, (_, index) => `many-${index}@example.com`);
    for (const address of people) await park(JSON.stringify(solved(address)));
    await stack.notifier.stopReplicas();
    await stack.notifier.addReplica(CONFIGURED);
    await stack.notifier.untilReady();

    const walk = async (isDryRun: boolean) => {
      const sum = { redriven: 0, refused: [] as { sequence: number }[], calls: 0 };
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const request = { filter: {}, isDryRun, limit: 4, ...(cursor && { cursor }) };
        const { status, body } = await stack.ask('POST', '/ops/dead-letters/redrives', request);
        expect(status).toBe(200);
        sum.redriven += body.redriven;
        sum.refused.push(...body.refused);
        sum.calls += 1;
        cursor = body.cursor;
        expect(body.remaining > 0).toBe(cursor !== null);
      }
      return sum;
    };
    const dry = await walk(true);
    expect(dry).toMatchObject({ redriven: 7 });
    expect(people.flatMap((address) => stack.sink.to(address))).toEqual([]);
    const real = await walk(false);
    expect(real).toEqual(dry);
    expect(real.calls).toBeGreaterThan(2);
    expect(real.refused.length).toBeGreaterThan(0);
    for (const address of people) await untilMailed(address);
    expect(await walk(false)).toMatchObject({ redriven: 0, refused: real.refused });
    for (const address of people) expect(stack.sink.to(address)).toHaveLength(1);
  });
});
