import { waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Bench, handlerOf, small } from '../test/fixture.js';
import type { JetStreamStrategyOptions } from './index.js';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.start();
});
beforeEach(async () => {
  await bench.provision({ consumers: [{ stream: 'INBOUND', service: 'notifications' }], maxAckPending: 20 });
});
afterEach(() => bench.reset());
afterAll(() => bench.stop());

async function fillDeadLetters(): Promise<void> {
  await bench.manager.streams.delete('DEAD_LETTERS');
  await bench.provision({ streams: [{ ...small('DEAD_LETTERS'), maxBytes: 100 }], consumers: [] });
}

async function consume(options: Partial<JetStreamStrategyOptions> = {}) {
  const heard: string[] = [];
  const counted: string[] = [];
  const { strategy } = await bench.consume([handlerOf('inbound.>', (_, { subject }) => heard.push(subject))], {
    streams: ['INBOUND'],
    onDeadLetter: ({ system, reason, kept }) => counted.push(`${system} ${reason} ${kept}`),
    ...options,
  });
  return { strategy, heard, counted };
}

const CRM = 'inbound.crm.tickets.v1.replied';
const ERP = 'inbound.erp.tickets.v1.replied';

describe('S39 unusable events of an outside system', () => {
  it('S39 stops nobody while dead letters are full: it is counted, logged once, and gone', async () => {
    await fillDeadLetters();
    const { strategy, heard, counted } = await consume();
    for (let n = 0; n < 100; n++) await bench.store(CRM, '{');
    await bench.store(ERP, {});
    await waitFor(() => heard.includes(ERP));
    await bench.settled('INBOUND');
    expect(strategy.problem()).toBeNull();
    expect(strategy.degraded()).toMatch(/^dead letters cannot be stored: .*full/);
    expect(counted).toHaveLength(100);
    expect(new Set(counted)).toEqual(new Set(['crm invalid_json dropped']));
    expect(bench.log.lines.filter(({ level }) => level !== 'log' && level !== 'debug')).toHaveLength(1);
  });

  it('S39 has its own place, and its own share of a day: then without body, then only counted', async () => {
    const { heard, counted } = await consume({ deadLetterQuota: { letters: 4, bytes: 3_000 } });
    for (let n = 0; n < 6; n++) await bench.store(CRM, 'x'.repeat(1_000));
    await bench.store(ERP, 'x');
    await bench.store(ERP, {});
    await waitFor(() => heard.includes(ERP));
    await bench.settled('INBOUND');
    const letters = await bench.deadLetters(5);
    const ofCrm = letters.filter(({ subject }) => subject === 'dead_letters.notifications.crm.invalid_json');
    expect(ofCrm).toHaveLength(4);
    expect(ofCrm.filter(({ data }) => data.length === 1_000)).toHaveLength(2);
    for (const slim of ofCrm.filter(({ data }) => data.length === 0))
      expect(slim.header.get('Bellhop-Truncated')).toBe('1000');
    expect(letters.filter(({ subject }) => subject === 'dead_letters.notifications.erp.invalid_json')).toHaveLength(1);
    const count = (line: string) => counted.filter((one) => one === line).length;
    expect([count('crm invalid_json whole'), count('crm invalid_json without_body')]).toEqual([2, 2]);
    expect([count('crm invalid_json dropped'), count('erp invalid_json whole')]).toEqual([2, 1]);
  });

  it('S39 has a share for what we failed on as well, apart from that of its junk; our own events have none', async () => {
    const counted: string[] = [];
    const fails = handlerOf('>', () => {
      throw new Error('a bug of ours');
    });
    const { strategy } = await bench.consume([fails], {
      streams: ['INBOUND', 'TICKETS'],
      onDeadLetter: ({ system, reason, kept }) => counted.push(`${system} ${reason} ${kept}`),
      deadLetterQuota: { letters: 4, bytes: 3_000 },
      retry: { firstMs: 1, maxMs: 2 },
    });
    await bench.provision();
    const large = { text: 'x'.repeat(1_000) };
    for (let n = 0; n < 6; n++) await bench.store(CRM, '{');
    for (let n = 0; n < 6; n++) await bench.store(CRM, large);
    for (let n = 0; n < 6; n++) await bench.store('tickets.v1.replied', large);
    await bench.store(ERP, large);
    await waitFor(() => counted.length === 19, { what: 'all to be counted' });
    await bench.settled('INBOUND');
    const count = (line: string) => counted.filter((one) => one === line).length;
    const ofCrm = ['whole', 'without_body', 'dropped'].map((kept) => count(`crm handler_failed ${kept}`));
    expect(ofCrm).toEqual([2, 2, 2]);
    expect([count('crm invalid_json whole'), count('crm invalid_json dropped')]).toEqual([4, 2]);
    expect([count('erp handler_failed whole'), count('bellhop handler_failed whole')]).toEqual([1, 6]);
    expect(strategy.degraded()).toBeNull();
  });

  it('is redelivered while dead letters have no leader for a moment, and is stored then', async () => {
    await bench.manager.streams.delete('DEAD_LETTERS');
    const { strategy } = await consume({ retry: { firstMs: 1_000, maxMs: 2_000 } });
    await bench.store(CRM, '{');
    await waitFor(() => strategy.degraded()?.includes('no stream takes'));
    await bench.provision({ consumers: [] });
    expect(await bench.deadLetters(1)).toHaveLength(1);
    await bench.settled('INBOUND');
    expect(strategy.degraded()).toBeNull();
  });

  it('S39 is given up after some tries while dead letters stay unavailable', async () => {
    await bench.manager.streams.delete('DEAD_LETTERS');
    const { counted } = await consume();
    for (let n = 0; n < 40; n++) await bench.store(CRM, '{');
    await bench.settled('INBOUND');
    expect(counted).toHaveLength(40);
  });
});
