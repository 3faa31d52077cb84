import { describe, expect, it } from '@jest/globals';
import { buildEvent } from '../testing/index.js';
import { readEvent } from './read-event.js';

const base = JSON.parse(JSON.stringify(buildEvent('ticket.replied.v1')));
const readWith = (attributes: object) => readEvent({ ...base, ...attributes });
/** What is left of an attribute once the event was read. */
const left = (name: string, value: unknown) => {
  const reading = readWith({ [name]: value });
  return reading.ok ? (reading.event as unknown as Record<string, unknown>)[name] : reading.detail;
};

describe('attributes as CloudEvents allows them', () => {
  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'Application/JSON',
    'application/cloudevents+json',
    'application/vnd.example.ticket+json; version=1',
    'text/json',
    ' application/json ',
  ])('datacontenttype %j is JSON', (type) => {
    expect(left('datacontenttype', type)).toBe('application/json');
  });

  it.each(['application/xml', 'text/plain', 'json', 'application/jsonp', '', 'application/json, text/html', 7])(
    'datacontenttype %j is none of JSON, and the sentence says what is',
    (type) => {
      expect(left('datacontenttype', type)).toMatch(
        /^datacontenttype .*media type of JSON such as "application\/json"/,
      );
    },
  );

  it.each(['subject', 'datacontenttype', 'traceparent', 'dataschema', 'partitionkey'])(
    '%s: null is left out',
    (name) => {
      expect(left(name, null)).toBeUndefined();
    },
  );

  it.each(['specversion', 'id', 'source', 'type', 'time', 'data'])('%s: null is missing, and said so', (name) => {
    expect(readWith({ [name]: null }).ok).toBe(false);
  });

  it.each(['x'.repeat(65), 'x'.repeat(5_000), 'tickets/7K4M2Q', 'Zgłoszenie №7', ' ', ''])(
    'any subject is taken',
    (subject) => {
      expect(readWith({ subject }).ok).toBe(true);
    },
  );

  const IDS = '4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7';
  it.each<[unknown, string | undefined]>([
    [`00-${IDS}-01`, `00-${IDS}-01`],
    [`01-${IDS}-01-what-comes-later`, `01-${IDS}-01`],
    [`cc-${IDS}-00`, `cc-${IDS}-00`],
    [`00-${IDS}-01-more`, undefined],
    [`ff-${IDS}-01`, undefined],
    [`00-${IDS.toUpperCase()}-01`, undefined],
    [`00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, undefined],
    [`00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`, undefined],
    ['', undefined],
    ['nonsense', undefined],
    [7, undefined],
    [{}, undefined],
  ])('traceparent %j is read as %j, and stops nothing', (traceparent, read) => {
    expect(left('traceparent', traceparent)).toBe(read);
    expect(readWith({ traceparent }).ok).toBe(true);
  });

  it('data_base64 is refused by its name', () => {
    const { data: _, ...without } = base;
    expect(readEvent({ ...without, data_base64: 'e30=' })).toEqual({
      ok: false,
      detail: 'data_base64 is not read: send the data as a JSON object in "data"',
    });
  });

  it.each([
    ['locale', 'pl_PL', 'pl-PL'],
    ['locale', '', undefined],
    ['locale', null, undefined],
    ['locale', ['pl'], undefined],
    ['locale', 'i-default', undefined],
  ])('how a mail looks is never a reason to refuse: %s %j is read as %j', (name, value, read) => {
    const reading = readWith({
      data: { ...base.data, requester: { kind: 'guest', email: 'jana@example.com', [name]: value } },
    });
    expect(reading.ok && (reading.event.data as { requester: Record<string, unknown> }).requester[name]).toBe(read);
  });

  it.each([
    ['Mars/Valley', undefined],
    ['Central European Standard Time', 'Europe/Warsaw'],
    ['', undefined],
    [null, undefined],
    [60, undefined],
  ])('nor is a time zone: %j is read as %j', (timezone, read) => {
    const reading = readWith({ data: { ...base.data, requester: { kind: 'user', id: '1', timezone } } });
    expect(reading.ok && (reading.event.data as { requester: Record<string, unknown> }).requester.timezone).toBe(read);
  });
});
