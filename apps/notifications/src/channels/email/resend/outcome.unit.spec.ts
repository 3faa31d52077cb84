import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Outcome } from '../../channel.js';
import { parseRetryAfter } from '../../http.js';
import { responseOf } from './answer.js';
import { outcomeOfNoAnswer, outcomesOf } from './outcome.js';

interface Answer {
  status: number;
  body: string;
  retryAfterMs?: number;
}

/** As it comes over HTTP. */
const outcomesOfAnswer = ({ status, body, retryAfterMs }: Answer, mails: readonly Buffer[]) => {
  const headers = retryAfterMs === undefined ? {} : { 'retry-after': String(retryAfterMs / 1_000) };
  return outcomesOf(responseOf({ status, headers, body }), mails, new Date());
};

const mailTo = (address: string) => Buffer.from(JSON.stringify({ to: [address] }));
const one = [mailTo('jana.k@example.com')];
const three = ['ada@example.com', 'jana.k@example.com', 'eve@example.com'].map(mailTo);
const problem = (statusCode: number, name: string, message = 'Told so.') => ({
  status: statusCode,
  body: JSON.stringify({ statusCode, name, message }),
});
const taken = (body: unknown, status = 200) => ({ status, body: JSON.stringify(body) });
const why = (outcome: Outcome) => ('reason' in outcome ? outcome.reason : 'cause' in outcome ? outcome.cause : '');
/** Kind, code and what comes with it, in a few words; one line when all mails fare alike. */
const short = (outcomes: Outcome[]) =>
  [
    ...new Set(
      outcomes.map((outcome) =>
        [
          outcome.kind,
          why(outcome).split(':')[0],
          'suppress' in outcome && outcome.suppress ? 'suppress' : '',
          'isForAll' in outcome && outcome.isForAll ? 'for all' : '',
          'isAlone' in outcome && outcome.isAlone ? 'alone' : '',
          'isOurs' in outcome && outcome.isOurs ? 'ours' : '',
          'retryAfterMs' in outcome ? `after ${outcome.retryAfterMs}` : '',
        ]
          .filter(Boolean)
          .join(' '),
      ),
    ),
  ].join(' | ');

describe('an answer that takes the mails', () => {
  it('names the one', () => {
    expect(outcomesOfAnswer(taken({ id: '49a3999c-0ce1' }), one)).toEqual([{ kind: 'accepted', ref: '49a3999c-0ce1' }]);
    expect(short(outcomesOfAnswer(taken({ id: 'a' }, 201), one))).toBe('accepted');
  });

  it('names each of a batch, in its order', () => {
    expect(outcomesOfAnswer(taken({ data: [{ id: 'a' }, { id: 'b' }, { id: 'c' }] }), three)).toEqual(
      ['a', 'b', 'c'].map((ref) => ({ kind: 'accepted', ref })),
    );
  });

  it('leaves out of its list those that it refuses, and the others keep their order', () => {
    const message = 'Invalid `to` field. An address is written `email@example.com`.';
    const answer = taken({ data: [{ id: 'a' }, { id: 'c' }], errors: [{ index: 1, message }] });
    expect(outcomesOfAnswer(answer, three)).toEqual([
      { kind: 'accepted', ref: 'a' },
      {
        kind: 'refused',
        reason: 'recipient_refused: validation_error Invalid `to` field. An address is written <address>',
        suppress: true,
      },
      { kind: 'accepted', ref: 'c' },
    ]);
  });

  it.each([
    ['The `to` field is missing.', 'refused message_refused'],
    ['Tags may hold only letters.', 'refused message_refused'],
    [undefined, 'refused message_refused'],
    ['Invalid `to` field.', 'refused recipient_refused suppress'],
    [
      'Invalid `to` field. Please use our testing email address instead of domains like `example.com`.',
      'refused recipient_refused',
    ],
    // Ours, and the same for all: nothing is lost by waiting.
    ['Invalid `from` field.', 'not_sent sender_refused ours'],
    ['The example.com domain is not verified.', 'not_sent sender_refused ours'],
  ])('says of one mail %j', (message, expected) => {
    const answer = taken({ data: [], errors: [{ index: 0, message }] });
    expect(short(outcomesOfAnswer(answer, one))).toBe(expected);
  });

  it.each<[string, { status: number; body: string }]>([
    ['nothing', { status: 200, body: '' }],
    ['no JSON', { status: 200, body: '<html>ok</html>' }],
    ['half a JSON', { status: 200, body: '{"data":[{"id":"a"},{"id":"b"' }],
    ['another shape', taken([{ id: 'a' }, { id: 'b' }, { id: 'c' }])],
    ['one id for three', taken({ id: 'a' })],
    ['too few ids', taken({ data: [{ id: 'a' }, { id: 'b' }] })],
    ['too many ids', taken({ data: [{ id: 'a' }, { id: 'b' }, { id: 'c' }, { id: 'd' }] })],
    ['an entry without id', taken({ data: [{ id: 'a' }, {}, { id: 'c' }] })],
    ['an entry that is null', taken({ data: [{ id: 'a' }, null, { id: 'c' }] })],
    ['an id that is no text', taken({ data: [{ id: 'a' }, { id: 7 }, { id: 'c' }] })],
    ['an id with a line break', taken({ data: [{ id: 'a' }, { id: 'b\nc' }, { id: 'c' }] })],
    ['an error about no mail of ours', taken({ data: [{ id: 'a' }, { id: 'b' }], errors: [{ index: 3 }] })],
    ['an error at no place', taken({ data: [{ id: 'a' }, { id: 'b' }], errors: [{ message: 'x' }] })],
    ['two errors about one', taken({ data: [{ id: 'a' }, { id: 'b' }], errors: [{ index: 1 }, { index: 1 }] })],
    ['ids and an error too many', taken({ data: [{ id: 'a' }, { id: 'b' }, { id: 'c' }], errors: [{ index: 1 }] })],
    ['errors that are no list', taken({ data: [{ id: 'a' }, { id: 'b' }, { id: 'c' }], errors: 'none' })],
  ])('and says %s tells nothing of any', (_, answer) => {
    expect(short(outcomesOfAnswer(answer, three))).toBe('unknown unreadable_answer');
  });
});

describe('an answer that takes nothing', () => {
  it.each<[string, { status: number; body: string; retryAfterMs?: number }, string, string?]>([
    // Too fast, or too much.
    ['', problem(429, 'rate_limit_exceeded'), 'throttled rate_limited for all after 1000'],
    [
      'with Retry-After',
      { ...problem(429, 'rate_limit_exceeded'), retryAfterMs: 7_000 },
      'throttled rate_limited for all after 7000',
    ],
    [
      'for a day: ten minutes at most',
      { ...problem(429, 'rate_limit_exceeded'), retryAfterMs: 86_400_000 },
      'throttled rate_limited for all after 600000',
    ],
    ['of a proxy', { status: 429, body: 'slow down' }, 'throttled rate_limited for all after 1000'],
    ['', problem(429, 'daily_quota_exceeded'), 'throttled quota_exceeded for all ours after 600000'],
    [
      'with a short Retry-After',
      { ...problem(429, 'monthly_quota_exceeded'), retryAfterMs: 1_000 },
      'throttled quota_exceeded for all ours after 600000',
    ],
    [
      'with a long Retry-After',
      { ...problem(429, 'daily_quota_exceeded'), retryAfterMs: 7_200_000 },
      'throttled quota_exceeded for all ours after 7200000',
    ],
    // The key of the request.
    ['', problem(409, 'concurrent_idempotent_requests'), 'unknown in_progress'],
    ['', problem(409, 'invalid_idempotent_request'), 'refused key_conflict'],
    ['of another kind', problem(409, 'conflict'), 'unknown unexpected_answer'],
    // Our set-up.
    ['', problem(401, 'missing_api_key'), 'not_sent key_refused ours'],
    ['', problem(401, 'restricted_api_key'), 'not_sent key_refused ours'],
    ['', problem(403, 'invalid_api_key'), 'not_sent key_refused ours'],
    ['about the key', problem(401, 'validation_error', 'API key is invalid'), 'not_sent key_refused ours'],
    ['about the key', problem(400, 'validation_error', 'API key is invalid'), 'not_sent key_refused ours'],
    [
      'about the domain',
      problem(403, 'validation_error', 'The example.com domain is not verified. Please, add and verify your domain.'),
      'not_sent sender_refused ours',
    ],
    [
      'about an account on trial',
      problem(
        403,
        'validation_error',
        'You can only send testing emails to your own email address (me@example.com). To send to others, verify a domain.',
      ),
      'not_sent sender_refused ours',
    ],
    ['', problem(403, 'invalid_to_address'), 'not_sent sender_refused ours'],
    ['', problem(422, 'invalid_from_address', 'Invalid `from` field.'), 'not_sent sender_refused ours'],
    ['about the sender', problem(422, 'validation_error', 'Invalid `from` field.'), 'not_sent sender_refused ours'],
    ['that is new', problem(403, 'account_suspended'), 'not_sent setup_refused ours'],
    ['', problem(400, 'invalid_idempotency_key'), 'not_sent setup_refused ours'],
    ['', problem(451, 'security_error'), 'not_sent setup_refused ours'],
    ['', problem(404, 'not_found'), 'not_sent wrong_server ours'],
    ['', problem(405, 'method_not_allowed'), 'not_sent wrong_server ours'],
    // The mails themselves: one mail is refused, several are tried each by itself.
    ['', problem(422, 'validation_error'), 'refused message_refused', 'not_sent batch_refused alone'],
    ['', problem(400, 'validation_error'), 'refused message_refused', 'not_sent batch_refused alone'],
    ['', problem(422, 'missing_required_field'), 'refused message_refused', 'not_sent batch_refused alone'],
    ['', problem(413, 'payload_too_large'), 'refused message_refused', 'not_sent batch_refused alone'],
    [
      'about the recipient',
      problem(422, 'validation_error', 'Invalid `to` field.'),
      'refused recipient_refused suppress',
      'not_sent batch_refused alone',
    ],
    // Nobody can tell.
    ['', problem(500, 'internal_server_error'), 'unknown server_error'],
    ['', problem(500, 'application_error'), 'unknown server_error'],
    ['of a proxy', { status: 502, body: '<html>Bad gateway</html>' }, 'unknown server_error'],
    ['', { ...problem(503, 'service_unavailable'), retryAfterMs: 5_000 }, 'unknown server_error'],
    ['', { status: 504, body: '' }, 'unknown server_error'],
    ['', problem(408, 'request_timeout'), 'unknown unexpected_answer'],
    ['that leads elsewhere', { status: 307, body: '' }, 'unknown unexpected_answer'],
    ['in no form', { status: 403, body: '<html>Forbidden</html>' }, 'unknown unexpected_answer'],
    ['in no form', { status: 422, body: 'null' }, 'unknown unexpected_answer'],
    ['in another form', { status: 401, body: '{"error":"no"}' }, 'unknown unexpected_answer'],
    ['that is none', { status: 0, body: '' }, 'unknown unexpected_answer'],
  ])('%s %j', (_, answer, ofOne, ofThree = ofOne) => {
    expect(short(outcomesOfAnswer(answer, one))).toBe(ofOne);
    expect(short(outcomesOfAnswer(answer, three))).toBe(ofThree);
  });

  it('is told with its status and name, in one short line without addresses, names and keys', () => {
    const message = `Jana.K\r\n<jana.k@example.com> and eve@example.com under re_SecretKey1: ${'x'.repeat(500)}`;
    const [outcome] = outcomesOfAnswer(problem(422, 'validation_error', message), one);
    expect(why(outcome!)).toMatch(
      /^message_refused: 422 validation_error <address> <<address>> and <address> under <key>: x{50,}$/,
    );
    expect(why(outcome!).length).toBeLessThan(250);
  });

  it('does not tell of any mail of a batch whom it went to', () => {
    const outcomes = outcomesOfAnswer(problem(422, 'validation_error', 'Mailbox jana.k of ada is full'), three);
    expect(new Set(outcomes.map(why))).toEqual(
      new Set(['batch_refused: 422 validation_error Mailbox <address> of <address> is full']),
    );
  });
});

describe('any answer at all', () => {
  it('gives one outcome per mail and never throws', () => {
    const body = fc.oneof(fc.string(), fc.json(), fc.constant('{"data":[{"id":"a"}],"errors":[{"index":0}]}'));
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 599 }), body, fc.nat(4), (status, text, others) => {
        const mails = [mailTo('ada@example.com'), ...Array.from({ length: others }, () => Buffer.from('?'))];
        const outcomes = outcomesOfAnswer({ status, body: text }, mails);
        expect(outcomes).toHaveLength(mails.length);
        // Without Resend's own form nothing is certain, except that a 429 let nothing through.
        const isOpen = status < 200 || status >= 300 || !text.startsWith('{');
        if (isOpen && status !== 429) expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['unknown']));
      }),
    );
  });
});

describe('an exchange without an answer', () => {
  it('is definite before the connection stood, and unknown after', () => {
    expect(outcomeOfNoAnswer({ cause: 'unreachable', hasLeft: false })).toEqual({
      kind: 'not_sent',
      cause: 'unreachable',
    });
    expect(outcomeOfNoAnswer({ cause: 'timed_out', hasLeft: true })).toEqual({
      kind: 'unknown',
      cause: 'no_answer: timed_out',
    });
  });
});

describe('Retry-After', () => {
  const now = new Date('2026-11-22T10:00:00Z');
  it.each([
    ['2', 2_000],
    ['0', 0],
    ['Sun, 22 Nov 2026 10:01:00 GMT', 60_000],
    ['Sun, 22 Nov 2026 09:00:00 GMT', 0],
    ['999999999', 86_400_000],
    ['soon', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('%j is %j ms', (value, waitMs) => {
    expect(parseRetryAfter(value, now)).toBe(waitMs);
  });
});
