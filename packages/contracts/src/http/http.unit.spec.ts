import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { rpcs } from '../rpc/rpcs.js';
import * as contracts from './index.js';
import { page } from './lists.js';

const responses = Object.entries(contracts).filter(
  ([name, value]) => /(Response|View|Entry|Problem|^problem)$/.test(name) && value instanceof z.ZodType,
) as [string, z.ZodType][];
const answers = [
  ...responses,
  ...Object.entries(rpcs).map(([name, rpc]): [string, z.ZodType] => [`rpc ${name}`, rpc.response]),
];

describe('answers', () => {
  it('are found by their names', () => {
    expect(answers.length).toBeGreaterThan(25);
  });

  it.each(answers)('S8 %s has no field for a code, a token, a hash or a key', (name, schema) => {
    const json = JSON.stringify(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }));
    // A word of a closed list is no secret: `key` is `same` or `new`.
    const fields = [...json.matchAll(/"([A-Za-z]+)":\{(?!"type":"string","enum":)/g)].map(
      ([, field]) => field as string,
    );
    const secret = fields.filter((field) =>
      /^(code|token|secret|hash|otp|pin|password|keys?|auth|p256dh|endpoint|challenge)$/i.test(field),
    );
    // A problem's `code` is the stable word for what went wrong.
    // The key that everybody may know, for browsers to subscribe with.
    const isPublicKey = name === 'pushKeyResponse';
    expect(secret).toEqual(/[pP]roblem/.test(name) ? ['code'] : isPublicKey ? ['key'] : []);
  });

  it.each(answers)('S27 only the answer to the notifier has a link: %s', (name, schema) => {
    const json = JSON.stringify(z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }));
    expect(json.includes('"link"')).toBe(name === 'rpc issueLinks');
  });
});

describe('requests', () => {
  it('file a ticket as a guest, with an address as people type it', () => {
    const parsed = contracts.fileTicketRequest.parse({
      category: 'trading',
      subject: ' Hello ',
      body: 'It is\nbroken',
      guest: { email: ' jana@münchen.example ' },
    });
    expect(parsed).toEqual({
      category: 'trading',
      subject: 'Hello',
      body: 'It is\nbroken',
      guest: { email: 'jana@xn--mnchen-3ya.example' },
    });
  });

  it('ignore what nobody asked for, so that a client cannot set a status or an owner', () => {
    const parsed = contracts.fileTicketRequest.parse({
      category: 'other',
      subject: 'a',
      body: 'b',
      status: 'closed',
      requester: { id: '1' },
    });
    expect(parsed).toEqual({ category: 'other', subject: 'a', body: 'b' });
  });

  it.each(['', [], {}, null, 'x'.repeat(10_000), 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}=`])(
    'S27 refuse the link %j',
    (link) => {
      expect(contracts.openChallengeRequest.safeParse({ link }).success).toBe(false);
    },
  );

  it.each([
    '12345',
    '1234567',
    '12345a',
    '12345６７',
    '①２３４５x',
    'ⅥⅥ',
    'O12345',
    '-',
    '½12345',
    123456,
    null,
    ['123456'],
    '',
  ])('S27 refuse the code %j', (code) => {
    expect(contracts.verificationRequest.safeParse({ code }).success).toBe(false);
  });

  it.each([
    ' 123 456\n',
    '１２３４５６',
    '１２３　４５６',
    '123-456',
    '123–456',
    '１２３－４５６',
    '123\u2212456',
    '123.456.',
    '"123456"',
    '#123456',
    '\u200b123\u200b456',
    '\u202a123456\u202c',
    '\u2066123456\u2069',
    '\ufeff123456',
    '123\u00ad456',
    '123\u00a0456',
    '١٢٣٤٥٦',
    '۱۲۳۴۵۶',
    '१२३४५६',
    '𝟏𝟐𝟑𝟜𝟝𝟞',
  ])('take the code %j as people type and paste it', (code) => {
    expect(contracts.verificationRequest.parse({ code })).toEqual({ code: '123456' });
  });

  it('know every digit of every script', () => {
    const digits = Array.from({ length: 0x110000 }, (_, at) => at).filter((at) =>
      /\p{Nd}/u.test(String.fromCodePoint(at)),
    );
    expect(digits.length % 10).toBe(0);
    for (let at = 0; at < digits.length; at += 10) {
      const typed = String.fromCodePoint(...digits.slice(at, at + 10));
      const codes = [typed.slice(0, typed.length / 2), typed.slice(typed.length / 2)];
      const read = codes.map((code) => contracts.verificationRequest.parse({ code: `${code}0` }).code);
      expect([typed, read]).toEqual([typed, ['012340', '567890']]);
    }
  });

  it.each(['G4XS1R', '#G4XS1R', ' # g4xs1r\t', '\u200bG4XS1R\u202c', '＃Ｇ４ＸＳ１Ｒ'])(
    'take the number of a ticket %j',
    (number) => {
      const parsed = contracts.requestLinkRequest.parse({ number, email: 'jana@example.com' });
      expect(parsed.number.toUpperCase()).toBe('G4XS1R');
    },
  );

  it.each([undefined, '', ' \n ', '\u200b', '\u2800'])('take files with the text %j, which is none', (body) => {
    const attachmentIds = ['0199f3a0-2b1c-7b0a-8c55-6f0d2f7f1a90'];
    expect(contracts.postMessageRequest.parse({ body, attachmentIds })).toEqual({ body: '', attachmentIds });
    for (const files of [undefined, []]) {
      const { error } = contracts.postMessageRequest.safeParse({ body, attachmentIds: files });
      expect(error?.issues.map(({ path, message }) => [path, message])).toEqual([
        [['body'], 'must not be empty, unless files are sent'],
      ]);
    }
  });

  it('take ids in any case, and make them small', () => {
    const id = 'ABCDEF01-2345-4789-ABCD-EF0123456789';
    const filing = { category: 'other', subject: 'a', body: 'b', attachmentIds: [id] };
    expect(contracts.fileTicketRequest.parse(filing).attachmentIds).toEqual([id.toLowerCase()]);
    expect(contracts.postMessageRequest.parse(filing).attachmentIds).toEqual([id.toLowerCase()]);
    expect(contracts.revokeLinksRequest.parse({ ticketId: id }).ticketId).toBe(id.toLowerCase());
  });

  it('take an idempotency key in quotes for the same as without', () => {
    for (const key of ['"abc"', 'abc']) expect(contracts.idempotencyKey.parse(key)).toBe('abc');
  });

  it.each(['', '""', '"a b"', 'a b', 'ü', 'x'.repeat(201), 'a\r\nb'])('refuse the idempotency key %j', (key) => {
    expect(contracts.idempotencyKey.safeParse(key).success).toBe(false);
  });

  it('limit a page, and read the limit from a query', () => {
    expect(contracts.pageQuery.parse({})).toEqual({ limit: 25 });
    expect(contracts.pageQuery.parse({ limit: '100', cursor: 'abc_-' })).toEqual({ limit: 100, cursor: 'abc_-' });
    for (const limit of ['0', '101', '1.5', 'many', '', ' 5', '0x10', '1e1', '+5', '0005', ['5'], true]) {
      const { error } = contracts.pageQuery.safeParse({ limit });
      expect([limit, error?.issues.map(({ message }) => message)]).toEqual([
        limit,
        ['must be a whole number from 1 to 100'],
      ]);
    }
  });

  it('list the desk by an address, by "me" and by "none"', () => {
    for (const assignee of ['me', 'none', 'agent@example.com'])
      expect(contracts.listDeskTicketsQuery.parse({ assignee }).assignee).toBe(assignee);
    expect(contracts.listDeskTicketsQuery.safeParse({ assignee: 'everyone' }).success).toBe(false);
  });
});

describe('pages', () => {
  it('have items and the place of the next page, or null', () => {
    const shape = page(z.string());
    expect(shape.parse({ items: ['a'], next: 'abc' })).toEqual({ items: ['a'], next: 'abc' });
    expect(shape.parse({ items: [], next: null })).toEqual({ items: [], next: null });
    expect(shape.safeParse({ items: [] }).success).toBe(false);
  });
});
