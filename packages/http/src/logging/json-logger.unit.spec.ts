import { describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { jsonLogger, type LogLevelName } from './json-logger.js';

function recorder(level?: LogLevelName) {
  const lines: string[] = [];
  const logger = jsonLogger('tickets', { write: (line) => void lines.push(line), ...(level ? { level } : {}) });
  return { logger, lines, last: () => JSON.parse(lines.at(-1) ?? 'null') };
}

describe('jsonLogger', () => {
  it('writes one JSON line with time, level, service, message and fields', () => {
    const { logger, lines, last } = recorder();
    logger.log('ticket filed', { ticketId: 'a', ms: 3 });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\{[^\n]*\}\n$/);
    expect(last()).toEqual({
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      level: 'info',
      service: 'tickets',
      message: 'ticket filed',
      ticketId: 'a',
      ms: 3,
    });
  });

  it('folds a flood of one warning: the first, then once a minute how often it came again', () => {
    jest.useFakeTimers();
    const { logger, lines } = recorder();
    const away = { message: 'claiming failed, trying again', error: 'connect ECONNREFUSED' };
    const flood = () => {
      for (let count = 0; count < 40; count++) {
        logger.warn(away);
        logger.log(away);
      }
    };
    const warnings = () => lines.map((line) => JSON.parse(line)).filter(({ level }) => level === 'warn');
    flood();
    logger.warn({ ...away, error: 'disk full' });
    const first = { time: expect.any(String), level: 'warn', service: 'tickets', ...away };
    expect(warnings()).toEqual([first, { ...first, error: 'disk full' }]);
    expect(lines).toHaveLength(42);
    jest.advanceTimersByTime(60_000);
    expect(warnings().slice(2)).toEqual([{ ...first, repeated: 39 }]);
    flood();
    jest.advanceTimersByTime(60_000);
    expect(warnings().slice(3)).toEqual([{ ...first, repeated: 40 }]);
    // After a minute without it, it is news again.
    jest.advanceTimersByTime(60_000);
    logger.warn(away);
    expect(warnings().slice(4)).toEqual([first]);
    jest.useRealTimers();
  });

  it('keeps a text with line breaks on one line', () => {
    const { logger, lines } = recorder();
    logger.warn('first\nsecond "third"');
    expect(lines[0]?.split('\n')).toHaveLength(2);
  });

  it('takes what Nest hands over: objects, a stack, a context', () => {
    const { logger, last } = recorder();
    Logger.overrideLogger(logger);
    new Logger('outbox').error({ message: 'failed', code: 7 });
    expect(last()).toMatchObject({ level: 'error', message: 'failed', code: 7, context: 'outbox' });
    new Logger('outbox').error('failed', 'Error: x\n    at y (z.ts:1:1)');
    expect(last()).toMatchObject({ message: 'failed', stack: expect.stringContaining('at y'), context: 'outbox' });
    Logger.overrideLogger(false);
  });

  it('tells message, code and cause of an error, and leaves out what a driver attached', () => {
    const { logger, last } = recorder();
    const cause = Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' });
    logger.error(
      'failed',
      Object.assign(new Error('query failed', { cause }), { parameters: ['a text'], query: 'insert' }),
    );
    expect(last().error).toMatchObject({ message: 'query failed', cause: { code: 'ECONNREFUSED' } });
    expect(JSON.stringify(last())).not.toContain('a text');
  });

  it('blanks credentials and addresses wherever they stand', () => {
    const { logger, lines } = recorder();
    const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln';
    logger.error(`cannot reach postgres://u:hunter2@host/db, Authorization: Bearer ${jwt}`, { token: jwt });
    logger.error('refused', new Error('550 <Jana.K+x@example.com>: user unknown'));
    const text = lines.join('');
    for (const secret of ['hunter2', jwt, 'Jana', 'eyJzdWIi']) expect(text).not.toContain(secret);
    expect(text).toContain('postgres://***@host/db');
    expect(text).toContain('***@example.com');
  });

  it('is not slowed down by a text that was made to be slow', () => {
    const { logger, lines } = recorder();
    const startedAt = performance.now();
    for (const part of ['a', 'eyJ-', 'a.', '@', 'a@', '://', 'x://a'])
      logger.warn(part.repeat(1_000_000 / part.length));
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(20_000);
  });

  it('is quiet below its level, and about the modules and routes that Nest finds', () => {
    const { logger, lines } = recorder();
    logger.debug('x');
    logger.log('Mapped {/tickets, GET} route', 'RouterExplorer');
    expect(lines).toEqual([]);
    const verbose = recorder('debug');
    verbose.logger.debug('x');
    expect(verbose.last()).toMatchObject({ level: 'debug' });
  });

  it('survives what JSON cannot hold', () => {
    const { logger, last } = recorder();
    const circular: Record<string, unknown> = { count: 2n };
    circular.self = circular;
    logger.log('odd', circular);
    expect(last()).toMatchObject({ message: 'odd' });
  });
});
