import type { SinkRule } from '@bellhop/local-stack';
import { describe, expect, it } from '@jest/globals';
import SMTPPool from 'nodemailer/lib/smtp-pool';
import { mailTo, SmtpBench } from '../../../../test/smtp-bench.js';

const bench = new SmtpBench();

describe('a mail that the server takes', () => {
  it('arrives with exactly its envelope and bytes, dots and all', async () => {
    const body = '.\r\n..two dots\r\n.x\r\nzażółć\r\n\r\n.';
    expect(await bench.send('jana@example.com', bench.channel(), body)).toEqual({
      kind: 'accepted',
      ref: '2.0.0 queued as 1',
    });
    expect(bench.sink.mails).toHaveLength(1);
    expect(bench.sink.mails[0]).toMatchObject({ from: 'bounces@example.com', to: ['jana@example.com'] });
    expect(bench.sink.mails[0]!.raw.toString()).toBe(
      `To: jana@example.com\r\nMessage-ID: <d1@example.com>\r\n\r\n${body}\r\n`,
    );
  });

  it('is the same mail when the same request is sent again', async () => {
    const over = bench.channel();
    const request = mailTo('jana@example.com');
    await over.send([request]);
    await over.send([request]);
    expect(bench.sink.mails[1]!.raw.equals(bench.sink.mails[0]!.raw)).toBe(true);
  });

  it('goes over few connections, and outcomes come back in the order of the batch', async () => {
    const over = bench.channel({ maxConnections: 3 });
    bench.sink.when({ at: 'rcpt', to: 'no3@example.com', answer: '550 5.1.1 unknown' });
    bench.sink.when({ at: 'dot', to: 'no4@example.com', answer: '451 4.3.0 later' });
    const outcomes = await over.send(Array.from({ length: 40 }, (_, index) => mailTo(`no${index}@example.com`)));
    expect(outcomes.map(({ kind }) => kind)).toEqual(
      Array.from({ length: 40 }, (_, index) => ({ 3: 'refused', 4: 'not_sent' })[index] ?? 'accepted'),
    );
    expect(bench.sink.mails).toHaveLength(38);
    expect(bench.sink.seen.connections).toBeLessThanOrEqual(3);
  });

  it('gets no further mail over a connection that has carried as many as allowed', async () => {
    const over = bench.channel({ maxMailsPerConnection: 2 });
    await over.send(Array.from({ length: 5 }, () => mailTo('jana@example.com')));
    expect(bench.sink.mails).toHaveLength(5);
    expect(bench.sink.seen.connections).toBe(3);
  });

  it('may be larger than all buffers on the way', async () => {
    const body = `${'x'.repeat(998)}\r\n`.repeat(4000);
    expect(await bench.send('jana@example.com', bench.channel(), body)).toMatchObject({ kind: 'accepted' });
    expect(bench.sink.mails[0]!.raw.length).toBeGreaterThan(body.length);
  });

  it('works without any extension of SMTP', async () => {
    await bench.restart([]);
    expect(await bench.send('jana@example.com')).toMatchObject({ kind: 'accepted' });
    bench.sink.when({ at: 'rcpt', answer: '550 5.1.1 unknown', times: 1 });
    expect(await bench.send('jana@example.com')).toMatchObject({ kind: 'refused', suppress: true });
  });
});

describe('the promise: no mail is sent twice by itself', () => {
  it.each<[string, SinkRule]>([
    ['after the dot', { at: 'dot', answer: 'drop' }],
    ['after the dot, the connection being an old one', { at: 'dot', mail: 2, answer: 'drop' }],
    ['at MAIL, the connection being an old one', { at: 'mail', mail: 2, answer: 'drop' }],
    ['before the greeting', { at: 'greeting', answer: 'drop' }],
  ])('when the line is cut %s', async (_, rule) => {
    bench.sink.when({ ...rule, times: 1 });
    const over = bench.channel();
    await over.send([mailTo('a@example.com')]);
    await over.send([mailTo('b@example.com')]);
    // The next mail comes after anything that the pool might have put back into its queue.
    await over.send([mailTo('c@example.com')]);
    const mailsOf = (at: string) => bench.sink.to(at).length;
    expect([mailsOf('a@example.com'), mailsOf('b@example.com')].every((count) => count <= 1)).toBe(true);
    expect(bench.sink.seen.mails).toBe(rule.at === 'greeting' ? 2 : 3);
  });

  it('also when all connections die under load, again and again', async () => {
    const over = bench.channel({ maxConnections: 5 });
    const batch = Array.from({ length: 120 }, (_, index) => mailTo(`no${index}@example.com`));
    bench.sink.when({ at: 'dot', delayMs: 1 });
    let killedAt = 0;
    const killer = setInterval(() => {
      if (bench.sink.seen.dots < killedAt + 20) return;
      killedAt = bench.sink.seen.dots;
      bench.sink.dropConnections();
    }, 1);
    const outcomes = await over.send(batch).finally(() => clearInterval(killer));
    const counts = { accepted: 0, not_sent: 0, unknown: 0 };
    outcomes.forEach((outcome, index) => {
      const arrived = bench.sink.to(`no${index}@example.com`).length;
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
    const pool = new SMTPPool({ host: '127.0.0.1', port: bench.sink.port, maxConnections: 1, maxRequeues: 5 });
    bench.sink.when({ at: 'greeting', answer: 'drop', times: 2 });
    const message = {
      getEnvelope: () => ({ from: 'a@example.com', to: ['jana@example.com'] }),
      createReadStream: () => Buffer.from('x'),
      messageId: () => '',
      getHeader: () => '',
    };
    await new Promise((resolve) => pool.send({ data: {}, message } as never, resolve));
    pool.close();
    expect(bench.sink.seen.connections).toBe(3);
  });
});

describe('closing', () => {
  it('lets what is on the way finish, and fails what waits or comes later', async () => {
    bench.sink.when({ at: 'dot', to: 'slow@example.com', delayMs: 100 });
    const over = bench.channel();
    const slow = bench.send('slow@example.com', over);
    const waiting = bench.send('waiting@example.com', over);
    while (bench.sink.seen.dots === 0) await new Promise(setImmediate);
    await over.close();
    expect(await slow).toMatchObject({ kind: 'accepted' });
    expect(await waiting).toEqual({ kind: 'not_sent', cause: 'connection_lost' });
    expect(await bench.send('late@example.com', over)).toEqual({ kind: 'not_sent', cause: 'connection_lost' });
    expect(bench.sink.mails).toHaveLength(1);
  });

  it('does not wait for ever for a server that is silent', async () => {
    bench.sink.when({ at: 'dot', answer: 'silence' });
    const over = bench.channel({ timeouts: { closeMs: 100 } });
    const stuck = bench.send('jana@example.com', over);
    while (bench.sink.seen.dots === 0) await new Promise(setImmediate);
    await over.close();
    expect(await stuck).toEqual({ kind: 'unknown', cause: 'no_answer' });
  });
});

describe('verify', () => {
  it('says nothing of a server that answers, and names the trouble otherwise', async () => {
    const over = bench.channel();
    expect(await over.verify()).toBeNull();
    await bench.sink.refuseConnections();
    expect(await over.verify()).toBe(
      `The mail server 127.0.0.1:${bench.sink.port} cannot be used (unreachable); check EMAIL_URL, the server and its certificate.`,
    );
    await bench.sink.acceptConnections();
    bench.sink.when({ at: 'greeting', answer: '554 5.7.1 go away' });
    expect(await over.verify()).toContain('(greeting_refused: 554 5.7.1 go away)');
    expect(bench.sink.mails).toHaveLength(0);
  });
});
