import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { isInbound, type StreamDefinition, streams, streamsReadBy } from './streams.js';

const DAY_MS = 24 * 60 * 60 * 1000;

describe('streams', () => {
  const inbound: StreamDefinition[] = Object.values(streams).filter(({ name }) => isInbound(name));

  it('S35 on INBOUND no system can use up the message ids of another: the window of the server is shut', () => {
    expect(Math.max(...inbound.map(({ dedupeMs }) => dedupeMs))).toBeLessThanOrEqual(100);
  });

  it('S39 of outside systems are five, each with subjects and room of its own, refusing what is too much', () => {
    const names = ['INBOUND', ...[2, 3, 4, 5].map((n) => `INBOUND_${n}`)];
    expect(inbound.map(({ name }) => name)).toEqual(names);
    expect(inbound.map(({ subjects }) => subjects[0]?.split('.')[0])).toEqual(names.map((name) => name.toLowerCase()));
    for (const { name, discard, owner, maxBytes, storedAs } of inbound) {
      expect({ discard, owner, isLarge: maxBytes >= 2 ** 30 }).toEqual({
        discard: 'new',
        owner: 'notifications',
        isLarge: true,
      });
      const stored = name === 'INBOUND' ? undefined : 'inbound.{{wildcard(1)}}.tickets.v1.{{wildcard(2)}}';
      expect(storedAs).toBe(stored);
    }
  });

  it('fit into the server of deploy/nats, all together', () => {
    const gib = Object.values(streams).reduce((sum, { maxBytes }) => sum + maxBytes, 0) / 2 ** 30;
    const conf = readFileSync(new URL('../../../../deploy/nats/nats-server.conf', import.meta.url), 'utf8');
    expect(gib).toBeLessThan(Number(/max_file_store: (\d+)GB/.exec(conf)?.[1]));
    expect(conf).toContain(`grow to ${Math.ceil(gib)} GiB together`);
  });

  it('none lives as long as the inbox remembers, except the dead letters, which live exactly as long', () => {
    // Erasures go through no inbox: each service has a register of them.
    const { ERASURES: _, ...read } = streams;
    const ages = Object.values(read).map((stream) => [stream.name, stream.maxAgeMs / DAY_MS]);
    const ofInbound = Object.fromEntries(inbound.map(({ name }) => [name, 7]));
    const others = { TICKETS: 7, GUESTS: 7, NOTIFICATIONS: 3, DEAD_LETTERS: 30 };
    expect(Object.fromEntries(ages)).toEqual({ ...others, ...ofInbound });
  });

  it('overlap in no subject', () => {
    const first = Object.values(streams).flatMap((stream) => stream.subjects.map((subject) => subject.split('.')[0]));
    expect(new Set(first).size).toBe(first.length);
  });

  it('are read by those who hear of them', () => {
    expect(streamsReadBy('notifications')).toEqual(['TICKETS', ...inbound.map(({ name }) => name)]);
    expect(streamsReadBy('tickets')).toEqual(['GUESTS']);
    expect(streamsReadBy('guest-auth')).toEqual(['TICKETS']);
  });
});
