import { describe, expect, it } from '@jest/globals';
import type { Outcome } from '../../channel.js';
import { outcomeOf, type SmtpFault } from './outcome.js';

const recipient = 'jana.k@example.com';
const at = {
  greeting: { code: 'EPROTOCOL', command: 'CONN' },
  login: { code: 'EAUTH', command: 'AUTH PLAIN' },
  sender: { code: 'EENVELOPE', command: 'MAIL FROM' },
  recipient: { code: 'EENVELOPE', command: 'RCPT TO' },
  data: { code: 'EENVELOPE', command: 'DATA' },
  dot: { code: 'EMESSAGE', command: 'DATA' },
} satisfies Record<string, SmtpFault>;

const before = (fault: SmtpFault) => outcomeOf(fault, { recipient, handedOver: false });
const after = (fault: SmtpFault) => outcomeOf(fault, { recipient, handedOver: true });
const short = (outcome: Outcome) => {
  const why = 'reason' in outcome ? outcome.reason : 'cause' in outcome ? outcome.cause : '';
  return [outcome.kind, why.split(':')[0], 'suppress' in outcome && outcome.suppress ? 'suppress' : '']
    .filter(Boolean)
    .join(' ');
};

describe('a recipient that is refused for good', () => {
  it.each([
    // The address itself: given up.
    ['550 5.1.1 <jana.k@example.com>: Recipient address rejected: User unknown', 'refused recipient_refused suppress'],
    [
      '550-5.1.1 The email account that you tried to reach does not exist.\n550 5.1.1 Learn more',
      'refused recipient_refused suppress',
    ],
    ['553 5.1.2 Domain not found', 'refused recipient_refused suppress'],
    ['556 5.1.10 Recipient address has null MX', 'refused recipient_refused suppress'],
    ['550 5.1.6 Mailbox has moved', 'refused recipient_refused suppress'],
    ['550 5.2.1 The email account that you tried to reach is disabled', 'refused recipient_refused suppress'],
    ['550 No such user here', 'refused recipient_refused suppress'],
    ['550 5.0.0 User unknown', 'refused recipient_refused suppress'],
    ['553 Mailbox name invalid', 'refused recipient_refused suppress'],
    ["554 delivery error: dd This user doesn't have an account", 'refused recipient_refused suppress'],
    // Policy, or a text that leaves it open: not the address's fault.
    ['550 Requested action not taken: mailbox unavailable', 'refused policy_refused'],
    ['550 5.4.1 Recipient address rejected: Access denied', 'refused policy_refused'],
    ['550 5.6.7 SMTPUTF8 required', 'refused policy_refused'],
    ['550 5.1.0 rejected for policy reasons', 'refused policy_refused'],
    ['521 Server does not accept mail', 'refused policy_refused'],
    // Our set-up, told at RCPT.
    ['550 5.7.1 Unable to relay', 'not_sent setup_refused'],
    ['550 relaying denied', 'not_sent setup_refused'],
    ['551 User not local', 'not_sent setup_refused'],
    ['554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org', 'not_sent setup_refused'],
    ['554 Your IP is blacklisted', 'not_sent setup_refused'],
    ['550 5.7.509 Access denied, sending domain does not pass DMARC', 'not_sent sender_refused'],
    ['550 5.1.8 Sender address rejected: Domain not found', 'not_sent sender_refused'],
    ['550 Sender verify failed', 'not_sent sender_refused'],
    ['553 5.1.7 <bounces@example.com>: Sender address rejected', 'not_sent sender_refused'],
    // A full mailbox empties.
    ['552 5.2.2 Mailbox full', 'not_sent mailbox_full'],
    ['552 Requested mail action aborted: exceeded storage allocation', 'not_sent mailbox_full'],
    ['550 5.2.2 Over quota', 'not_sent mailbox_full'],
    ['550 Mailbox of this user is full', 'not_sent mailbox_full'],
    ['550 User unknown, give the full address', 'refused recipient_refused suppress'],
    // The conversation went wrong.
    ['503 5.5.1 MAIL first', 'not_sent protocol_error'],
    ['501 5.5.4 Syntax error', 'not_sent protocol_error'],
  ])('%s → %s', (response, expected) => {
    expect(short(before({ ...at.recipient, response }))).toBe(expected);
  });
});

describe('a temporary answer', () => {
  it.each([
    [at.recipient, '450 4.2.0 try later', 'not_sent temporarily_refused'],
    [at.recipient, '451 4.3.0 Local error', 'not_sent temporarily_refused'],
    [at.recipient, '452 4.2.2 Mailbox full', 'not_sent mailbox_full'],
    [at.recipient, '452 4.2.2 The recipient is over quota', 'not_sent mailbox_full'],
    [at.recipient, '450 4.2.1 The user is receiving mail at a rate that prevents more', 'throttled throttled'],
    [at.recipient, '450 4.7.1 Greylisted, come back', 'throttled throttled'],
    [at.sender, '451 4.7.28 unusual', 'throttled throttled'],
    [at.sender, '452 4.3.1 Insufficient system storage', 'not_sent unavailable'],
    [at.greeting, '421 4.7.0 Too many connections from your host', 'throttled throttled'],
    [at.greeting, '421 Service not available', 'not_sent unavailable'],
    [at.login, '454 4.7.0 Temporary authentication failure', 'not_sent unavailable'],
    [at.data, '451 4.3.2 please slow down', 'throttled throttled'],
    [at.dot, '451 4.3.0 no space', 'not_sent temporarily_refused'],
    [at.recipient, '421 4.3.2 Shutting down', 'not_sent unavailable'],
    [at.dot, '421 Daily limit exceeded', 'not_sent quota_exceeded'],
  ])('%j %s → %s', (fault, response, expected) => {
    expect(short(before({ ...fault, response }))).toBe(expected);
    // The server answered to the dot: that it had everything makes no difference.
    if (fault === at.dot) expect(short(after({ ...fault, response }))).toBe(expected);
  });

  it.each([
    ['450 4.7.1 Greylisted, try again in 300 seconds', 300_000],
    ['421 4.7.0 Try again after 5 min', 300_000],
    ['450 wait for 2 hours', 3_600_000],
    ['450 4.7.1 too many messages, retry in 10 days', undefined],
    ['451 too many messages', undefined],
  ])('%s → wait %s ms', (response, retryAfterMs) => {
    const outcome = before({ ...at.recipient, response });
    expect(outcome).toMatchObject({ kind: 'throttled' });
    expect((outcome as { retryAfterMs?: number }).retryAfterMs).toBe(retryAfterMs);
  });
});

describe('a permanent answer to anything but the recipient', () => {
  it.each([
    [at.greeting, '554 5.7.1 You are listed', 'not_sent greeting_refused'],
    [at.login, '535 5.7.8 Authentication credentials invalid', 'not_sent login_refused'],
    [at.sender, '550 5.1.1 no such sender', 'not_sent sender_refused'],
    [at.sender, '530 5.7.0 Authentication required', 'not_sent sender_refused'],
    [{ code: 'ETLS', command: 'STARTTLS' }, '502 5.5.1 unknown command', 'not_sent tls_failed'],
    [at.data, '554 5.5.1 no valid recipients', 'refused message_refused'],
    [at.data, '503 5.5.1 RCPT first', 'not_sent protocol_error'],
    [at.dot, '554 5.7.1 Message contains spam', 'refused message_refused'],
    [at.dot, '550 5.1.1 User unknown', 'refused message_refused'],
    [at.dot, '552 5.3.4 Message too big', 'refused message_refused'],
    [at.dot, '552 Message size exceeds the fixed limit', 'refused message_refused'],
    [at.dot, '552 5.2.2 Mailbox full', 'not_sent mailbox_full'],
  ])('is never held against the address: %j %s → %s', (fault, response, expected) => {
    expect(short(before({ ...fault, response }))).toBe(expected);
  });
});

describe('no answer', () => {
  it.each([
    [{ code: 'ESOCKET', command: 'CONN', originalCode: 'ECONNREFUSED' }, 'unreachable'],
    [{ code: 'EDNS', command: 'CONN', originalCode: 'ENOTFOUND' }, 'unreachable'],
    [{ code: 'ESOCKET', command: 'CONN', originalCode: 'ECONNRESET' }, 'connection_lost'],
    [{ code: 'ESOCKET', command: 'CONN', originalCode: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, 'tls_failed'],
    [{ code: 'ETIMEDOUT', command: 'CONN' }, 'timed_out'],
    [{ code: 'EABORT' }, 'timed_out'],
    [{ code: 'ECONNECTION' }, 'connection_lost'],
    [{ code: 'EAUTH', command: 'API' }, 'login_failed'],
    [{}, 'connection_lost'],
  ] satisfies [SmtpFault, string][])('before the message was gone, %j is a definite %s', (fault, cause) => {
    const isOurs = ['tls_failed', 'login_failed'].includes(cause) ? { isOurs: true } : {};
    expect(before(fault)).toEqual({ kind: 'not_sent', cause, ...isOurs });
    expect(after(fault)).toEqual({ kind: 'unknown', cause: 'no_answer' });
  });

  it('is what an answer amounts to that is neither yes nor no', () => {
    expect(short(after({ ...at.dot, response: '354 go ahead' }))).toBe('unknown no_answer');
    expect(short(after({ ...at.dot, response: 'what?' }))).toBe('unknown no_answer');
    // Half a line that the connection ended with; not attributed to the dot by the client.
    expect(short(after({ code: 'ECONNECTION', command: 'CONN', response: '550 x' }))).toBe('unknown no_answer');
  });
});
