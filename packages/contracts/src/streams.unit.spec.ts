import { describe, expect, it } from '@jest/globals';
import { streams, streamsReadBy } from './streams.js';

const DAY_MS = 24 * 60 * 60 * 1000;

describe('streams', () => {
  it('S35 on INBOUND no system can use up the message ids of another: the window of the server is shut', () => {
    expect(streams.INBOUND.dedupeMs).toBeLessThanOrEqual(100);
  });

  it('none lives as long as the inbox remembers, except the dead letters, which live exactly as long', () => {
    // Erasures go through no inbox: each service has a register of them.
    const { ERASURES: _, ...read } = streams;
    const ages = Object.values(read).map((stream) => [stream.name, stream.maxAgeMs / DAY_MS]);
    expect(Object.fromEntries(ages)).toEqual({ TICKETS: 7, INBOUND: 7, GUESTS: 7, NOTIFICATIONS: 3, DEAD_LETTERS: 30 });
  });

  it('overlap in no subject', () => {
    const first = Object.values(streams).flatMap((stream) => stream.subjects.map((subject) => subject.split('.')[0]));
    expect(new Set(first).size).toBe(first.length);
  });

  it('are read by those who hear of them', () => {
    expect(streamsReadBy('notifications')).toEqual(['TICKETS', 'INBOUND']);
    expect(streamsReadBy('tickets')).toEqual(['GUESTS']);
    expect(streamsReadBy('guest-auth')).toEqual(['TICKETS']);
  });
});
