import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Outcome } from '../../channel.js';
import { outcomeOf, type SmtpFault } from './outcome.js';

const recipient = 'jana.k@example.com';
const STEPS: Record<string, SmtpFault> = {
  mail: { code: 'EENVELOPE', command: 'MAIL FROM' },
  rcpt: { code: 'EENVELOPE', command: 'RCPT TO' },
  dot: { code: 'EMESSAGE', command: 'DATA' },
};
/** The words of the table, and the outcome that each stands for. */
const OUTCOMES: Record<string, { kind: Outcome['kind']; codes: string[]; suppress?: boolean; isOurs?: boolean }> = {
  gone: { kind: 'refused', codes: ['recipient_refused'], suppress: true },
  dead: { kind: 'refused', codes: ['policy_refused', 'message_refused'], suppress: false },
  full: { kind: 'not_sent', codes: ['mailbox_full'] },
  slow: { kind: 'throttled', codes: ['throttled'] },
  later: { kind: 'not_sent', codes: ['temporarily_refused', 'unavailable'] },
  sender: { kind: 'not_sent', codes: ['sender_refused'], isOurs: true },
  setup: { kind: 'not_sent', codes: ['setup_refused'], isOurs: true },
  quota: { kind: 'not_sent', codes: ['quota_exceeded'], isOurs: true },
  protocol: { kind: 'not_sent', codes: ['protocol_error'] },
};

const table = readFileSync(new URL('../../../../test/smtp-replies.txt', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split(' | ') as [step: string, means: string, reply: string]);
const replyOf = (text: string) => text.replaceAll('\\n', '\r\n');
const outcomeAt = (step: string, reply: string) =>
  outcomeOf({ ...STEPS[step], response: replyOf(reply) }, { recipient, handedOver: step === 'dot' });
const codeOf = (outcome: Outcome) =>
  ('reason' in outcome ? outcome.reason : 'cause' in outcome ? outcome.cause : '').split(':')[0];
const suppresses = (outcome: Outcome) => outcome.kind === 'refused' && outcome.suppress;
const gone = table.filter(([, means]) => means === 'gone');

it('S46 the table holds at least 200 replies of real servers, each once', () => {
  expect(table.length).toBeGreaterThanOrEqual(200);
  expect(new Set(table.map(([step, , reply]) => `${step} ${reply}`)).size).toBe(table.length);
});

it.each(table)('S46 at %s, %s: %s', (step, means, reply) => {
  const outcome = outcomeAt(step, reply);
  const { kind, codes, suppress, isOurs } = OUTCOMES[means] as (typeof OUTCOMES)[string];
  expect({
    kind: outcome.kind,
    code: codeOf(outcome),
    suppress: 'suppress' in outcome ? outcome.suppress : undefined,
    isOurs: 'isOurs' in outcome ? outcome.isOurs : undefined,
  }).toEqual({ kind, code: codes.find((code) => code === codeOf(outcome)) ?? codes, suppress, isOurs });
});

describe('S46 an address is suppressed', () => {
  it.each([
    'temporarily',
    'try again later',
    'mailbox full',
    'quota exceeded',
    'rate limit exceeded',
    'greylisted',
    'Sender verify failed',
    'MX record of your domain not found',
    'callout failed',
    'relay access denied',
    'authentication required',
    'your IP is listed',
    'it may have moved',
    'blocked by policy',
    'daily limit exceeded',
    'SERVFAIL',
    'Postfach voll',
    'spróbuj później',
    '邮箱已满',
  ])('by no reply that also says "%s", before or behind', (doubt) => {
    for (const [, , reply] of gone) {
      const [begin = ''] = /^\d{3}[ -](?:[\d.]+ )?/.exec(reply) ?? [];
      const both = [`${reply}; ${doubt}`, `${begin}${doubt}: ${reply.slice(begin.length)}`];
      expect(both.filter((text) => suppresses(outcomeAt('rcpt', text)))).toEqual([]);
    }
  });

  it('by no reply whose status is about something else', () => {
    for (const [, , reply] of gone) {
      const text = reply.replace(/^(\d{3}-?)(?: ?5\.[\d.]+)? ?/, '$1 5.7.1 ').replace(/^550- /, '550-');
      if (!reply.includes('\\n')) expect([text, suppresses(outcomeAt('rcpt', text))]).toEqual([text, false]);
    }
  });

  it('by no temporary reply, and by no answer to anything but the recipient', () => {
    for (const [, , reply] of gone) {
      expect(suppresses(outcomeAt('rcpt', reply.replace(/^\d/, '4')))).toBe(false);
      for (const step of ['mail', 'dot']) expect(suppresses(outcomeAt(step, reply))).toBe(false);
    }
  });

  it.each(['no.such.user@example.com', 'unknown@example.com', 'user@example.com', 'not-found@example.com'])(
    'by no word that is only the name of %s',
    (address) => {
      const name = address.split('@')[0];
      for (const text of [`550 <${address}>: refused`, `550 5.1.1 ${name}: refused`, `550 mailbox ${name}`]) {
        const fault = { ...STEPS.rcpt, response: text };
        expect(suppresses(outcomeOf(fault, { recipient: address, handedOver: false }))).toBe(false);
      }
    },
  );
});
