import { once } from 'node:events';
import { createServer } from 'node:net';
import { type SinkRule, SmtpSink } from '@bellhop/local-stack';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import SMTPPool from 'nodemailer/lib/smtp-pool';
import type { Outcome } from '../../channel.js';
import { encodeFrozenMail } from './frozen-mail.js';
import { SmtpProvider, type SmtpProviderOptions } from './smtp-provider.js';

const mailTo = (to: string, body = 'Hello\r\n') => ({
  deliveryId: 'd1',
  bytes: encodeFrozenMail({
    envelope: { from: 'bounces@example.com', to },
    raw: Buffer.from(`To: ${to}\r\nMessage-ID: <d1@example.com>\r\n\r\n${body}`),
  }),
});

let sink: SmtpSink;
const open = new Set<SmtpProvider>();
const channel = (options: Partial<SmtpProviderOptions> = {}) => {
  const made = new SmtpProvider({ url: sink.url, maxConnections: 1, ...options });
  open.add(made);
  return made;
};
const send = async (to: string, over = channel(), body?: string) => (await over.send([mailTo(to, body)]))[0] as Outcome;

beforeEach(async () => {
  sink = await SmtpSink.start();
});
afterEach(async () => {
  for (const made of open) await made.close();
  open.clear();
  await sink.close();
});

describe('a mail that the server takes', () => {
  it('arrives with exactly its envelope and bytes, dots and all', async () => {
    const body = '.\r\n..two dots\r\n.x\r\nzażółć\r\n\r\n.';
    expect(await send('jana@example.com', channel(), body)).toEqual({ kind: 'accepted', ref: '2.0.0 queued as 1' });
    expect(sink.mails).toHaveLength(1);
    expect(sink.mails[0]).toMatchObject({ from: 'bounces@example.com', to: ['jana@example.com'] });
    expect(sink.mails[0]!.raw.toString()).toBe(
      `To: jana@example.com\r\nMessage-ID: <d1@example.com>\r\n\r\n${body}\r\n`,
    );
  });

  it('is the same mail when the same request is sent again', async () => {
    const over = channel();
    const request = mailTo('jana@example.com');
    await over.send([request]);
    await over.send([request]);
    expect(sink.mails[1]!.raw.equals(sink.mails[0]!.raw)).toBe(true);
  });

  it('goes over few connections, and outcomes come back in the order of the batch', async () => {
    const over = channel({ maxConnections: 3 });
    sink.when({ at: 'rcpt', to: 'no3@example.com', answer: '550 5.1.1 unknown' });
    sink.when({ at: 'dot', to: 'no4@example.com', answer: '451 4.3.0 later' });
    const outcomes = await over.send(Array.from({ length: 40 }, (_, index) => mailTo(`no${index}@example.com`)));
    expect(outcomes.map(({ kind }) => kind)).toEqual(
      Array.from({ length: 40 }, (_, index) => ({ 3: 'refused', 4: 'not_sent' })[index] ?? 'accepted'),
    );
    expect(sink.mails).toHaveLength(38);
    expect(sink.seen.connections).toBeLessThanOrEqual(3);
  });

  it('gets no further mail over a connection that has carried as many as allowed', async () => {
    const over = channel({ maxMailsPerConnection: 2 });
    await over.send(Array.from({ length: 5 }, () => mailTo('jana@example.com')));
    expect(sink.mails).toHaveLength(5);
    expect(sink.seen.connections).toBe(3);
  });

  it('may be larger than all buffers on the way', async () => {
    const body = `${'x'.repeat(998)}\r\n`.repeat(4000);
    expect(await send('jana@example.com', channel(), body)).toMatchObject({ kind: 'accepted' });
    expect(sink.mails[0]!.raw.length).toBeGreaterThan(body.length);
  });

  it('works without any extension of SMTP', async () => {
    await sink.close();
    sink = await SmtpSink.start([]);
    expect(await send('jana@example.com')).toMatchObject({ kind: 'accepted' });
    sink.when({ at: 'rcpt', answer: '550 5.1.1 unknown', times: 1 });
    expect(await send('jana@example.com')).toMatchObject({ kind: 'refused', suppress: true });
  });
});

describe.each([
  ['with pipelining', ['PIPELINING']],
  ['without pipelining', []],
])('a server that misbehaves, %s', (_, extensions) => {
  beforeEach(async () => {
    await sink.close();
    sink = await SmtpSink.start(extensions);
  });

  const cases: [string, SinkRule, Outcome][] = [
    [
      'refuses the address',
      { at: 'rcpt', answer: '550 5.1.1 <jana@example.com> unknown' },
      { kind: 'refused', reason: 'recipient_refused: 550 5.1.1 <<address>> unknown', suppress: true },
    ],
    [
      'refuses us by policy',
      { at: 'rcpt', answer: '550 5.7.1 not for you' },
      { kind: 'refused', reason: 'policy_refused: 550 5.7.1 not for you', suppress: false },
    ],
    [
      'does not relay for us',
      { at: 'rcpt', answer: '550 5.7.1 relaying denied' },
      { kind: 'not_sent', cause: 'setup_refused: 550 5.7.1 relaying denied', isOurs: true },
    ],
    [
      'has a full mailbox',
      { at: 'rcpt', answer: '552 5.2.2 full' },
      { kind: 'not_sent', cause: 'mailbox_full: 552 5.2.2 full' },
    ],
    [
      'puts the address off',
      { at: 'rcpt', answer: '450 4.2.0 later' },
      { kind: 'not_sent', cause: 'temporarily_refused: 450 4.2.0 later' },
    ],
    [
      'asks for time',
      { at: 'rcpt', answer: '451 4.7.1 Greylisted, retry in 60 seconds' },
      { kind: 'throttled', retryAfterMs: 60_000, reason: 'throttled: 451 4.7.1 Greylisted, retry in 60 seconds' },
    ],
    [
      'refuses our sender',
      { at: 'mail', answer: '550 5.1.8 no such domain' },
      { kind: 'not_sent', cause: 'sender_refused: 550 5.1.8 no such domain', isOurs: true },
    ],
    [
      'puts our sender off and hangs up',
      { at: 'mail', answer: '421 4.7.0 Too many messages' },
      { kind: 'throttled', reason: 'throttled: 421 4.7.0 Too many messages' },
    ],
    [
      'greets us with no',
      { at: 'greeting', answer: '554 5.3.2 no service' },
      { kind: 'not_sent', cause: 'greeting_refused: 554 5.3.2 no service', isOurs: true },
    ],
    [
      'greets us with later',
      { at: 'greeting', answer: '421 4.3.2 too many connections' },
      { kind: 'throttled', reason: 'throttled: 421 4.3.2 too many connections' },
    ],
    [
      'cuts the line before the greeting',
      { at: 'greeting', answer: 'drop' },
      { kind: 'not_sent', cause: 'connection_lost' },
    ],
    ['cuts the line at EHLO', { at: 'ehlo', answer: 'drop' }, { kind: 'not_sent', cause: 'connection_lost' }],
    ['cuts the line at MAIL', { at: 'mail', answer: 'drop' }, { kind: 'not_sent', cause: 'connection_lost' }],
    ['cuts the line at RCPT', { at: 'rcpt', answer: 'drop' }, { kind: 'not_sent', cause: 'connection_lost' }],
    ['cuts the line at DATA', { at: 'data', answer: 'drop' }, { kind: 'not_sent', cause: 'connection_lost' }],
    [
      'refuses DATA',
      { at: 'data', answer: '554 5.6.0 no' },
      { kind: 'refused', reason: 'message_refused: 554 5.6.0 no', suppress: false },
    ],
    [
      'puts DATA off',
      { at: 'data', answer: '451 4.3.0 later' },
      { kind: 'not_sent', cause: 'temporarily_refused: 451 4.3.0 later' },
    ],
    [
      'refuses the message',
      { at: 'dot', answer: '554 5.7.1 spam' },
      { kind: 'refused', reason: 'message_refused: 554 5.7.1 spam', suppress: false },
    ],
    [
      'puts the message off',
      { at: 'dot', answer: '452 4.3.1 disk' },
      { kind: 'not_sent', cause: 'temporarily_refused: 452 4.3.1 disk' },
    ],
    [
      'puts the message off and hangs up',
      { at: 'dot', answer: '421 4.3.2 shutting down' },
      { kind: 'not_sent', cause: 'temporarily_refused: 421 4.3.2 shutting down' },
    ],
    ['cuts the line after the dot', { at: 'dot', answer: 'drop' }, { kind: 'unknown', cause: 'no_answer' }],
    ['answers nonsense after the dot', { at: 'dot', answer: 'ehm' }, { kind: 'unknown', cause: 'no_answer' }],
  ];

  it.each(cases)('%s: the outcome says so', async (_name, rule, outcome) => {
    sink.when({ ...rule, times: 1 });
    const over = channel();
    expect(await send('jana@example.com', over)).toEqual(outcome);
    expect(sink.seen.dots).toBe(rule.at === 'dot' ? 1 : 0);
    // The channel is none the worse for it, and the mail that failed is not sent again by itself.
    expect(await send('next@example.com', over)).toMatchObject({ kind: 'accepted' });
    expect(sink.to('jana@example.com')).toHaveLength(outcome.kind === 'unknown' && rule.answer === 'drop' ? 1 : 0);
    expect(sink.seen.dots).toBe(rule.at === 'dot' ? 2 : 1);
  });

  it.each<[string, SinkRule, Outcome]>([
    ['at RCPT', { at: 'rcpt', answer: 'silence' }, { kind: 'not_sent', cause: 'timed_out' }],
    ['at DATA', { at: 'data', answer: 'silence' }, { kind: 'not_sent', cause: 'timed_out' }],
    ['after the dot', { at: 'dot', answer: 'silence' }, { kind: 'unknown', cause: 'no_answer' }],
  ])('says nothing %s: the wait ends', async (_name, rule, outcome) => {
    sink.when({ ...rule, to: 'jana@example.com' });
    // The other limits are too long to be what ended it.
    const timeouts = rule.at === 'dot' ? { replyMs: 500 } : { commandMs: 500 };
    const over = channel({ timeouts });
    expect(await send('jana@example.com', over)).toEqual(outcome);
    expect(await send('next@example.com', over)).toMatchObject({ kind: 'accepted' });
  });

  it('takes its time: each step has its own patience, and slow is not silent', async () => {
    sink.when({ at: 'rcpt', delayMs: 600 }).when({ at: 'dot', delayMs: 600 });
    const over = channel({ timeouts: { queueMs: 400, commandMs: 5_000, replyMs: 5_000 } });
    expect(await send('jana@example.com', over)).toMatchObject({ kind: 'accepted' });
  });
});

describe('a mail that certainly did not leave', () => {
  it('is one whose server is not there', async () => {
    await sink.refuseConnections();
    const over = channel();
    expect(await send('jana@example.com', over)).toEqual({ kind: 'not_sent', cause: 'unreachable' });
    await sink.acceptConnections();
    expect(await send('jana@example.com', over)).toMatchObject({ kind: 'accepted' });
  });

  it('is one whose server never greets', async () => {
    sink.when({ at: 'greeting', answer: 'silence' });
    expect(await send('jana@example.com', channel({ timeouts: { greetingMs: 200 } }))).toEqual({
      kind: 'not_sent',
      cause: 'timed_out',
    });
  });

  it('is one that no connection became free for', async () => {
    sink.when({ at: 'dot', to: 'slow@example.com', answer: 'silence' });
    const over = channel({ timeouts: { queueMs: 500, replyMs: 1_500 } });
    const slow = send('slow@example.com', over);
    expect(await send('jana@example.com', over)).toEqual({ kind: 'not_sent', cause: 'timed_out' });
    expect(await slow).toMatchObject({ kind: 'unknown' });
    expect(sink.to('jana@example.com')).toHaveLength(0);
  });

  it('is one cut off while its end was still with us', async () => {
    // The server stops reading after 354: the first megabytes fill the buffers on the way, the last bytes never leave.
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.write('220 hi\r\n');
      socket.on('data', (chunk) => {
        const text = chunk.toString('latin1');
        if (!text.includes('DATA\r\n')) return socket.write(text.startsWith('EHLO') ? '250 hi\r\n' : '250 ok\r\n');
        socket.pause();
        return socket.write('354 go ahead\r\n', () => setTimeout(() => socket.resetAndDestroy(), 100));
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `smtp://127.0.0.1:${(server.address() as { port: number }).port}`;
    const over = channel({ url });
    expect(await send('jana@example.com', over, 'x'.repeat(40_000_000))).toEqual({
      kind: 'not_sent',
      cause: 'connection_lost',
    });
    expect(await send('jana@example.com', over)).toEqual({ kind: 'unknown', cause: 'no_answer' });
    server.close();
  });

  it('is one whose stored request cannot be read; it is given up without asking the server', async () => {
    const outcomes = await channel().send([{ deliveryId: 'd1', bytes: Buffer.from('nonsense') }]);
    expect(outcomes).toEqual([{ kind: 'refused', reason: 'invalid_frozen_mail', suppress: false }]);
    expect(sink.seen.connections).toBe(0);
  });

  it('is one sent over a connection that the server had left meanwhile', async () => {
    const over = channel();
    await send('first@example.com', over);
    sink.when({ at: 'mail', mail: 2, answer: 'drop' });
    expect(await send('jana@example.com', over)).toEqual({ kind: 'not_sent', cause: 'connection_lost' });
    expect(sink.seen.mails).toBe(2);
  });
});

describe('the promise: no mail is sent twice by itself', () => {
  it.each<[string, SinkRule]>([
    ['after the dot', { at: 'dot', answer: 'drop' }],
    ['after the dot, the connection being an old one', { at: 'dot', mail: 2, answer: 'drop' }],
    ['at MAIL, the connection being an old one', { at: 'mail', mail: 2, answer: 'drop' }],
    ['before the greeting', { at: 'greeting', answer: 'drop' }],
  ])('when the line is cut %s', async (_, rule) => {
    sink.when({ ...rule, times: 1 });
    const over = channel();
    await over.send([mailTo('a@example.com')]);
    await over.send([mailTo('b@example.com')]);
    // The next mail comes after anything that the pool might have put back into its queue.
    await over.send([mailTo('c@example.com')]);
    const mailsOf = (at: string) => sink.to(at).length;
    expect([mailsOf('a@example.com'), mailsOf('b@example.com')].every((count) => count <= 1)).toBe(true);
    expect(sink.seen.mails).toBe(rule.at === 'greeting' ? 2 : 3);
  });

  it('also when all connections die under load, again and again', async () => {
    const over = channel({ maxConnections: 5 });
    const batch = Array.from({ length: 120 }, (_, index) => mailTo(`no${index}@example.com`));
    sink.when({ at: 'dot', delayMs: 1 });
    let killedAt = 0;
    const killer = setInterval(() => {
      if (sink.seen.dots < killedAt + 20) return;
      killedAt = sink.seen.dots;
      sink.dropConnections();
    }, 1);
    const outcomes = await over.send(batch).finally(() => clearInterval(killer));
    const counts = { accepted: 0, not_sent: 0, unknown: 0 };
    outcomes.forEach((outcome, index) => {
      const arrived = sink.to(`no${index}@example.com`).length;
      expect(arrived).toBeLessThanOrEqual(1);
      // "Accepted" and "not sent" are certain; only "unknown" may go either way.
      if (outcome.kind !== 'unknown')
        expect([index, outcome.kind, arrived]).toEqual([index, outcome.kind, outcome.kind === 'accepted' ? 1 : 0]);
      counts[outcome.kind as keyof typeof counts]++;
    });
    expect(counts.accepted).toBeGreaterThan(0);
    expect(counts.not_sent + counts.unknown).toBeGreaterThan(0);
  });

  it('although the pool would try again by itself if it were allowed to', async () => {
    const pool = new SMTPPool({ host: '127.0.0.1', port: sink.port, maxConnections: 1, maxRequeues: 5 });
    sink.when({ at: 'greeting', answer: 'drop', times: 2 });
    const message = {
      getEnvelope: () => ({ from: 'a@example.com', to: ['jana@example.com'] }),
      createReadStream: () => Buffer.from('x'),
      messageId: () => '',
      getHeader: () => '',
    };
    await new Promise((resolve) => pool.send({ data: {}, message } as never, resolve));
    pool.close();
    expect(sink.seen.connections).toBe(3);
  });
});

describe('closing', () => {
  it('lets what is on the way finish, and fails what waits or comes later', async () => {
    sink.when({ at: 'dot', to: 'slow@example.com', delayMs: 100 });
    const over = channel();
    const slow = send('slow@example.com', over);
    const waiting = send('waiting@example.com', over);
    while (sink.seen.dots === 0) await new Promise(setImmediate);
    await over.close();
    expect(await slow).toMatchObject({ kind: 'accepted' });
    expect(await waiting).toEqual({ kind: 'not_sent', cause: 'connection_lost' });
    expect(await send('late@example.com', over)).toEqual({ kind: 'not_sent', cause: 'connection_lost' });
    expect(sink.mails).toHaveLength(1);
  });

  it('does not wait for ever for a server that is silent', async () => {
    sink.when({ at: 'dot', answer: 'silence' });
    const over = channel({ timeouts: { closeMs: 100 } });
    const stuck = send('jana@example.com', over);
    while (sink.seen.dots === 0) await new Promise(setImmediate);
    await over.close();
    expect(await stuck).toEqual({ kind: 'unknown', cause: 'no_answer' });
  });
});

describe('verify', () => {
  it('says nothing of a server that answers, and names the trouble otherwise', async () => {
    const over = channel();
    expect(await over.verify()).toBeNull();
    await sink.refuseConnections();
    expect(await over.verify()).toBe(
      `The mail server 127.0.0.1:${sink.port} cannot be used (unreachable); check EMAIL_URL, the server and its certificate.`,
    );
    await sink.acceptConnections();
    sink.when({ at: 'greeting', answer: '554 5.7.1 go away' });
    expect(await over.verify()).toContain('(greeting_refused: 554 5.7.1 go away)');
    expect(sink.mails).toHaveLength(0);
  });
});
