import { MAX_EVENT_AGE_MS, type TicketEventType } from '@bellhop/contracts/events';
import { buildEvent } from '@bellhop/contracts/testing';
import { InvalidEventError } from '@bellhop/jetstream';
import { describe, expect, it } from '@jest/globals';
import { contentOf } from '../planning/fact.js';
import { admit } from './admission.js';

const NOW = new Date('2026-11-30T12:00:00Z');
const HOUR_MS = 3_600_000;
const SYSTEMS = new Map([
  ['crm', new URL('https://crm.example.com/')],
  ['erp', new URL('https://erp.example.com/desk/')],
]);

const event = (url: string, type: TicketEventType = 'ticket.replied.v1', ageMs = 0) =>
  buildEvent(type, { ticket: { url } }, { time: new Date(NOW.getTime() - ageMs).toISOString() });

function refusal(admission: () => unknown): { reason: string; detail: string } | null {
  try {
    admission();
    return null;
  } catch (error) {
    if (!(error instanceof InvalidEventError)) throw error;
    return { reason: error.reason, detail: error.detail };
  }
}

const urlRefusal = (url: string, system: string) =>
  refusal(() => admit(`inbound.${system}.tickets.v1.replied`, event(url), SYSTEMS, { now: NOW }));

describe('where the link of a mail may lead', () => {
  it.each([
    ['crm', 'https://crm.example.com/projects/group%2Fdesk/-/issues/17'],
    ['crm', 'https://crm.example.com/a%5Cb'],
    ['crm', 'https://crm.example.com/a/..%2f..%2fb'],
    ['crm', 'HTTPS://crm.example.com/t/1'],
    ['crm', 'https://CRM.example.com:443/t/1'],
    ['crm', 'https://crm.example.com'],
    ['crm', 'https://crm.example.com/?next=%2Fb#/t%2F1'],
    ['erp', 'https://erp.example.com/desk/1'],
    ['erp', 'https://erp.example.com/desk/group%2Fsub/1'],
    ['erp', 'https://erp.example.com/desk/a%2F..%2Fb'],
    ['erp', 'https://erp.example.com/desk/%252e%252e%252fx'],
  ])('%s: %s is allowed', (system, url) => {
    expect(urlRefusal(url, system)).toBeNull();
  });

  it.each([
    ['crm', 'http://crm.example.com/t/1', /must begin with https:\/\/crm.example.com\/ for "crm"/],
    ['crm', 'https://crm.example.com:8443/t/1', /must begin with/],
    ['crm', 'https://crm.example.com.evil.example/t/1', /must begin with/],
    ['erp', 'https://erp.example.com/admin/1', /must begin with https:\/\/erp.example.com\/desk\/ for "erp"/],
    ['erp', 'https://erp.example.com/deskother/1', /must begin with/],
    ['erp', 'https://erp.example.com/desk/../admin', /must begin with/],
    ['erp', 'https://erp.example.com/desk/%2e%2e/admin', /must begin with/],
    ['erp', 'https://erp.example.com/desk/..%2fadmin', /must not lead out of .* by encoded slashes/],
    ['erp', 'https://erp.example.com/desk/..%2Fadmin', /encoded slashes/],
    ['erp', 'https://erp.example.com/desk/%2e%2e%5cadmin', /encoded slashes/],
    ['erp', 'https://erp.example.com/desk/a%2f..%2f..%2fadmin', /encoded slashes/],
  ])('%s: %s is refused, and the sentence gives the real reason', (system, url, detail) => {
    expect(urlRefusal(url, system)).toEqual({ reason: 'url_not_allowed', detail: expect.stringMatching(detail) });
  });
});

describe('how old an event may be', () => {
  const types = Object.keys(MAX_EVENT_AGE_MS) as TicketEventType[];
  const aged = (type: TicketEventType, ageMs: number, storedAt?: Date) =>
    refusal(() =>
      admit(
        `inbound.crm.tickets.v1.${type.split('.')[1]}`,
        event('https://crm.example.com/t/1', type, ageMs),
        SYSTEMS,
        { now: NOW, ...(storedAt && { storedAt }) },
      ),
    );

  it.each(types)('%s: is accepted up to its maximum age, and becomes a dead letter that says so after it', (type) => {
    const maxAgeMs = MAX_EVENT_AGE_MS[type];
    if (maxAgeMs === null) return expect(aged(type, 400 * 24 * HOUR_MS, NOW)).toBeNull();
    expect(aged(type, maxAgeMs, NOW)).toBeNull();
    const detail = `"time" was ${maxAgeMs / HOUR_MS} h before the event was published; ${type} is accepted for ${maxAgeMs / HOUR_MS} h. An operator can redrive it.`;
    expect(aged(type, maxAgeMs + 1, NOW)).toEqual({ reason: 'too_old', detail });
  });

  it('time spent in the stream is not age', () => {
    const ageMs = 6 * 24 * HOUR_MS;
    expect(aged('ticket.replied.v1', ageMs, new Date(NOW.getTime() - ageMs))).toBeNull();
  });

  it('an operator may redrive an event of any age', () => {
    expect(aged('ticket.replied.v1', 300 * 24 * HOUR_MS)).toBeNull();
  });

  it('our own events are accepted at any age, since they come again after a stream was lost', () => {
    const old = buildEvent('ticket.replied.v1', {}, { time: '2026-01-01T00:00:00Z' });
    expect(refusal(() => admit('tickets.v1.replied', old, SYSTEMS, { now: NOW, storedAt: NOW }))).toBeNull();
  });
});

describe('what makes two events the same', () => {
  const first = buildEvent('ticket.replied.v1', {
    requester: { kind: 'guest', email: 'jana@example.com', locale: 'pl' },
  });
  const like = (over: object, data: object = {}) =>
    contentOf({ ...first, ...over, data: { ...first.data, ...data } } as typeof first).toString('hex');
  const same = like({});

  it.each<[string, string]>([
    ['its time, which may be that of the second try', like({ time: '2026-11-30T12:00:01Z' })],
    ['its source and trace', like({ source: 'urn:other', traceparent: undefined })],
    ['the language of the mail', like({}, { requester: { kind: 'guest', email: 'jana@example.com', locale: 'de' } })],
  ])('is not %s', (_, content) => {
    expect(content).toBe(same);
  });

  it.each<[string, string]>([
    ['the ticket', like({}, { ticket: { ...first.data.ticket, id: 'another' } })],
    ['its version', like({}, { ticket: { ...first.data.ticket, version: 2 } })],
    ['the requester', like({}, { requester: { kind: 'guest', email: 'jan@example.com' } })],
    ['the message', like({}, { message: { id: 'another' } })],
    ['what happened', like({ type: 'ticket.customer_replied.v1' })],
  ])('is %s', (_, content) => {
    expect(content).not.toBe(same);
  });
});
