import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { buildEvent } from '../testing/index.js';
import { describeShape } from './describe-problems.js';
import { parseOwnEvent } from './own-event.js';
import { readEvent } from './read-event.js';
import { type EventType, events } from './registry.js';

const TYPES = Object.keys(events) as EventType[];
const detailOf = (input: unknown) => {
  const reading = readEvent(input);
  return reading.ok ? null : reading.detail;
};

describe('readEvent', () => {
  it.each([null, undefined, 7, 'text', true, [], [{}]])('answers, and never throws, to %j', (input) => {
    expect(detailOf(input)).toMatch(/^the event .* must be a JSON object/);
  });

  it('answers, and never throws, to any JSON whatever', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => readEvent(value).ok === false));
    fc.assert(
      fc.property(
        fc.constantFrom(...TYPES),
        fc.jsonValue(),
        (type, data) => readEvent({ ...buildEvent(type), data }).ok === false,
      ),
    );
  });

  it('is not fooled by names that every object has', () => {
    for (const type of ['constructor', '__proto__', 'toString', 'hasOwnProperty'])
      expect(detailOf({ type })).toContain('must be one of');
    expect(readEvent(JSON.parse('{"__proto__": {"type": "ticket.replied.v1"}}')).ok).toBe(false);
  });

  it('never repeats a value: it may be personal, and it may be long', () => {
    const canary = 'Canary-7f3a-Müller-PL61109010140000071219812874';
    const places = fc.constantFrom(
      ['source', ' '],
      ['time'],
      ['subject', 64],
      ['data'],
      ['data', 'ticket'],
      ['data', 'ticket', 'id'],
      ['data', 'ticket', 'status'],
      ['data', 'ticket', 'version'],
      ['data', 'ticket', 'url'],
      ['data', 'requester', 'email'],
      ['data', 'requester', 'kind'],
      ['data', 'requester', 'locale'],
      ['data', 'actor', 'kind'],
      ['data', 'message'],
    );
    const values = fc.oneof(
      fc.constant(canary),
      fc.constant([canary]),
      fc.constant({ [`x${canary}`]: canary }),
      fc.string().map((text) => `${text} ${canary} ü`),
    );
    fc.assert(
      fc.property(places, values, (place, value) => {
        const event: Record<string, unknown> = JSON.parse(JSON.stringify(buildEvent('ticket.replied.v1')));
        const path = place.filter((key) => typeof key === 'string' && key !== ' ') as string[];
        let parent = event;
        for (const key of path.slice(0, -1)) parent = parent[key] as Record<string, unknown>;
        parent[path.at(-1) as string] = value;
        expect(detailOf(event) ?? '').not.toContain('Canary');
      }),
    );
  });

  it('tells at most five problems, and how many more there are', () => {
    const detail = detailOf({
      type: 'ticket.replied.v1',
      data: { ticket: {}, requester: { kind: 'guest' }, actor: {} },
    });
    expect(detail?.split('; ')).toHaveLength(6);
    expect(detail).toMatch(/; and \d+ more$/);
  });

  it('is one line, so that it fits into a header and a log', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const detail = detailOf({ ...buildEvent('ticket.created.v1'), time: text }) ?? '';
        expect(detail).toMatch(/^[\x20-\x7e]+$/);
      }),
    );
  });
});

describe('describeShape', () => {
  it.each<[unknown, string]>([
    [undefined, 'is missing'],
    [null, 'is null'],
    ['', 'is an empty string'],
    ['a', 'is a string of 1 character'],
    [' ab\n', 'is a string of 4 characters with spaces around it and control characters in it'],
    ['ü', 'is a string of 1 character with non-ASCII characters in it'],
    [-7, 'is a negative whole number'],
    [0.5, 'is a fraction'],
    [true, 'is a boolean'],
    [[1, 2], 'is an array of 2'],
    [{}, 'is an object'],
  ])('of %j: %s', (value, shape) => {
    expect(describeShape(value)).toBe(shape);
  });
});

describe('parseOwnEvent', () => {
  it.each(TYPES)('takes %s as the contract has it', (type) => {
    const event = buildEvent(type);
    expect(parseOwnEvent(event)).toEqual(event);
  });

  it('S21 refuses what the contract does not know, at any depth: a note cannot slip into an event', () => {
    const event = buildEvent('ticket.replied.v1');
    const withNote = { ...event, data: { ...event.data, message: { ...event.data.message, note: 'VIP, be nice' } } };
    expect(() => parseOwnEvent(withNote)).toThrow(/data\.message\.note/);
    expect(() => parseOwnEvent(withNote)).not.toThrow(/be nice/);
    expect(() => parseOwnEvent({ ...event, extra: 1 } as typeof event)).toThrow(/\(extra\)/);
  });

  it('takes an undefined field for an absent one', () => {
    const event = buildEvent('ticket.created.v1');
    expect(JSON.stringify(parseOwnEvent({ ...event, traceparent: undefined } as unknown as typeof event))).toBe(
      JSON.stringify(parseOwnEvent(event)),
    );
  });

  it('S15 refuses a url: our links are made from PUBLIC_URL when a mail is written', () => {
    expect(() => parseOwnEvent(buildEvent('ticket.created.v1', { ticket: { url: 'https://example.com/' } }))).toThrow(
      /PUBLIC_URL/,
    );
  });

  it('refuses the subject of another ticket', () => {
    expect(() => parseOwnEvent(buildEvent('ticket.created.v1', {}, { subject: 'another' }))).toThrow(/subject/);
  });
});
