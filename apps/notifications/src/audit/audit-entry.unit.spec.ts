import { describe, expect, it } from '@jest/globals';
import { type AuditedRequest, addressMark, auditEntry } from './audit-entry.js';

const KEY = Buffer.alloc(32, 7);
const request: AuditedRequest = {
  method: 'POST',
  route: '/ops/dead-letters/:sequence/redrive',
  params: { sequence: '17' },
  query: {},
  body: undefined,
  reason: undefined,
};
const entry = (over: Partial<AuditedRequest>) => auditEntry({ ...request, ...over }, KEY);

describe('an audit entry', () => {
  it('names the action and its target', () => {
    expect(entry({ query: { limit: 25 } })).toEqual({
      action: 'POST /ops/dead-letters/:sequence/redrive',
      target: { sequence: '17', limit: 25 },
      reason: null,
    });
  });

  it('keeps the members of a body that select something, and no content', () => {
    const body = { filter: { state: 'dead', ticket: '7K4M2Q' }, isDryRun: true, event: { data: 'Jana' } };
    expect(entry({ params: {}, body }).target).toEqual({ filter: { state: 'dead', ticket: '7K4M2Q' }, isDryRun: true });
  });

  it('holds a mark instead of an address, the same for each spelling', () => {
    const mark = addressMark('jana@example.com', KEY);
    const { target } = entry({
      params: { address: 'Jana@Example.com' },
      query: { actor: 'jana@example.com' },
      body: { filter: { who: ' jana@EXAMPLE.com' } },
    });
    expect(target).toEqual({ address: mark, actor: mark, filter: { who: mark } });
    expect(JSON.stringify(target)).not.toMatch(/jana|example/i);
    expect(addressMark('jan@example.com', KEY)).not.toBe(mark);
    expect(addressMark('jana@example.com', Buffer.alloc(32, 8))).not.toBe(mark);
  });

  it('holds nothing that Postgres would refuse, also after cutting and in names', () => {
    const { target } = entry({
      params: { address: `${'x'.repeat(199)}😀` },
      query: { 'jana@example.com': '1', 'a\u0000': '2' },
      body: { filter: { reason: '\ud83d' } },
    });
    expect(target).toEqual({
      address: `${'x'.repeat(199)}\ufffd`,
      [addressMark('jana@example.com', KEY)]: '1',
      'a\ufffd': '2',
      filter: { reason: '\ufffd' },
    });
  });

  it('does not name a person to be erased, neither by address nor by account', () => {
    const personIn = (person: string) => entry({ params: {}, body: { person } }).target.person;
    expect(personIn('jana@example.com')).toBe(addressMark('jana@example.com', KEY));
    expect(personIn('user:4711')).toMatch(/^account:[0-9a-f]{32}$/);
    expect(personIn('user:4711')).toBe(personIn(' user:4711 '));
    expect(personIn('user:4711')).not.toBe(personIn('user:4712'));
  });

  it.each<[string | undefined, string | null]>([
    ['Ticket 7K4M2Q', 'Ticket 7K4M2Q'],
    ['Za%C5%BC%C3%B3%C5%82%C4%87', 'Zażółć'],
    ['100% sure', '100% sure'],
    ['a%0Ab', 'a b'],
    ['  ', null],
    ['%20%09', null],
    [undefined, null],
    ['x'.repeat(900), 'x'.repeat(500)],
  ])('has the reason %j as %j', (header, reason) => {
    expect(entry({ reason: header }).reason).toBe(reason);
  });

  it('stays small, whatever is sent', () => {
    const deep = { filter: { a: { b: { c: { d: 1 } } }, list: [1, 2, 3], long: 'x'.repeat(10_000) } };
    expect(JSON.stringify(entry({ body: deep })).length).toBeLessThan(600);
  });
});
