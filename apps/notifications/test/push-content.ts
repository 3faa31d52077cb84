import { randomUUID } from 'node:crypto';
import type { Content } from '../src/channels/channel.js';

const NOW = new Date();

/** What a push to somebody about a reply is made of. */
export const contentOf = (person: string, over: Partial<Content> = {}): Content => ({
  deliveryId: randomUUID(),
  endpoint: person,
  generation: 0,
  copy: 0,
  system: 'bellhop',
  ticketId: 'T-1',
  ticketNumber: 'G4XS1R',
  version: 2,
  recipient: { role: 'requester', kind: 'user' },
  isOfOtherSystem: false,
  locale: 'en',
  timezone: null,
  template: 'replied',
  phrase: null,
  at: null,
  count: 1,
  link: 'https://support.example.test/tickets/T-1',
  firstAt: NOW,
  now: NOW,
  ...over,
});
