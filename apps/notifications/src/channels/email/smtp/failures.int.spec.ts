import { once } from 'node:events';
import { createServer } from 'node:net';
import type { SinkRule } from '@bellhop/local-stack';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { SmtpBench } from '../../../../test/smtp-bench.js';
import type { Outcome } from '../../channel.js';

const bench = new SmtpBench();

describe.each([
  ['with pipelining', ['PIPELINING']],
  ['without pipelining', []],
])('a server that misbehaves, %s', (_, extensions) => {
  beforeEach(async () => {
    await bench.restart(extensions);
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
      { kind: 'not_sent', cause: 'unavailable: 421 4.3.2 shutting down' },
    ],
    ['cuts the line after the dot', { at: 'dot', answer: 'drop' }, { kind: 'unknown', cause: 'no_answer' }],
    ['answers nonsense after the dot', { at: 'dot', answer: 'ehm' }, { kind: 'unknown', cause: 'no_answer' }],
  ];

  it.each(cases)('%s: the outcome says so', async (_name, rule, outcome) => {
    bench.sink.when({ ...rule, times: 1 });
    const over = bench.channel();
    expect(await bench.send('jana@example.com', over)).toEqual(outcome);
    expect(bench.sink.seen.dots).toBe(rule.at === 'dot' ? 1 : 0);
    // The channel is none the worse for it, and the mail that failed is not sent again by itself.
    expect(await bench.send('next@example.com', over)).toMatchObject({ kind: 'accepted' });
    expect(bench.sink.to('jana@example.com')).toHaveLength(
      outcome.kind === 'unknown' && rule.answer === 'drop' ? 1 : 0,
    );
    expect(bench.sink.seen.dots).toBe(rule.at === 'dot' ? 2 : 1);
  });

  it.each<[string, SinkRule, Outcome]>([
    ['at RCPT', { at: 'rcpt', answer: 'silence' }, { kind: 'not_sent', cause: 'timed_out' }],
    ['at DATA', { at: 'data', answer: 'silence' }, { kind: 'not_sent', cause: 'timed_out' }],
    ['after the dot', { at: 'dot', answer: 'silence' }, { kind: 'unknown', cause: 'no_answer' }],
  ])('says nothing %s: the wait ends', async (_name, rule, outcome) => {
    bench.sink.when({ ...rule, to: 'jana@example.com' });
    // The other limits are too long to be what ended it.
    const timeouts = rule.at === 'dot' ? { replyMs: 500 } : { commandMs: 500 };
    const over = bench.channel({ timeouts });
    expect(await bench.send('jana@example.com', over)).toEqual(outcome);
    expect(await bench.send('next@example.com', over)).toMatchObject({ kind: 'accepted' });
  });

  it('takes its time: each step has its own patience, and slow is not silent', async () => {
    bench.sink.when({ at: 'rcpt', delayMs: 600 }).when({ at: 'dot', delayMs: 600 });
    const over = bench.channel({ timeouts: { queueMs: 400, commandMs: 5_000, replyMs: 5_000 } });
    expect(await bench.send('jana@example.com', over)).toMatchObject({ kind: 'accepted' });
  });
});

describe('a mail that certainly did not leave', () => {
  it('is one whose server is not there', async () => {
    await bench.sink.refuseConnections();
    const over = bench.channel();
    expect(await bench.send('jana@example.com', over)).toEqual({ kind: 'not_sent', cause: 'unreachable' });
    await bench.sink.acceptConnections();
    expect(await bench.send('jana@example.com', over)).toMatchObject({ kind: 'accepted' });
  });

  it('is one whose server never greets', async () => {
    bench.sink.when({ at: 'greeting', answer: 'silence' });
    expect(await bench.send('jana@example.com', bench.channel({ timeouts: { greetingMs: 200 } }))).toEqual({
      kind: 'not_sent',
      cause: 'timed_out',
    });
  });

  it('is one that no connection became free for', async () => {
    bench.sink.when({ at: 'dot', to: 'slow@example.com', answer: 'silence' });
    const over = bench.channel({ timeouts: { queueMs: 500, replyMs: 1_500 } });
    const slow = bench.send('slow@example.com', over);
    expect(await bench.send('jana@example.com', over)).toEqual({ kind: 'not_sent', cause: 'timed_out' });
    expect(await slow).toMatchObject({ kind: 'unknown' });
    expect(bench.sink.to('jana@example.com')).toHaveLength(0);
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
    const over = bench.channel({ url });
    expect(await bench.send('jana@example.com', over, 'x'.repeat(40_000_000))).toEqual({
      kind: 'not_sent',
      cause: 'connection_lost',
    });
    expect(await bench.send('jana@example.com', over)).toEqual({ kind: 'unknown', cause: 'no_answer' });
    server.close();
  });

  it('is one whose stored request cannot be read; it is given up without asking the server', async () => {
    const outcomes = await bench.channel().send([{ deliveryId: 'd1', bytes: Buffer.from('nonsense') }]);
    expect(outcomes).toEqual([{ kind: 'refused', reason: 'invalid_frozen_mail', suppress: false }]);
    expect(bench.sink.seen.connections).toBe(0);
  });

  it('is one sent over a connection that the server had left meanwhile', async () => {
    const over = bench.channel();
    await bench.send('first@example.com', over);
    bench.sink.when({ at: 'mail', mail: 2, answer: 'drop' });
    expect(await bench.send('jana@example.com', over)).toEqual({ kind: 'not_sent', cause: 'connection_lost' });
    expect(bench.sink.seen.mails).toBe(2);
  });
});
