import { TransientError } from '@bellhop/waiting';
import { describe, expect, it } from '@jest/globals';
import { classify, explainFailure } from './classification.js';
import { InvalidEventError } from './errors.js';
import { MAX_FAILURES, settle } from './settlement.js';

const failed = (failures: number) => settle({ kind: 'failed', failures, detail: 'TypeError: x' }, 700);

describe('settle', () => {
  it('acks what is done', () => {
    expect(settle({ kind: 'done' }, 700)).toEqual({ action: 'ack' });
  });

  it('makes a dead letter at once of what can never be used', () => {
    const outcome = { kind: 'invalid', reason: 'clock_skew', detail: 'time is 3 h ahead' } as const;
    expect(settle(outcome, 700)).toEqual({ action: 'deadLetter', reason: 'clock_skew', detail: 'time is 3 h ahead' });
  });

  it('naks a transient error, with the delay', () => {
    expect(settle({ kind: 'transient' }, 700)).toEqual({ action: 'nak', delayMs: 700 });
  });

  it('naks an unexpected failure seven times and makes a dead letter of it the eighth', () => {
    for (let failures = 1; failures < MAX_FAILURES; failures++)
      expect(failed(failures)).toEqual({ action: 'nak', delayMs: 700 });
    expect(failed(8)).toEqual({
      action: 'deadLetter',
      reason: 'handler_failed',
      detail: 'the service failed 8 times on this event: TypeError: x',
    });
  });
});

describe('classify', () => {
  const invalid = new InvalidEventError('invalid_event', 'data.ticket is missing');
  const transient = new TransientError('the database restarts');
  const lost = Object.assign(new Error('terminating connection'), { code: '57P01' });
  const bug = new TypeError('undefined is not a function');
  const isTransientError = (error: unknown) => error === lost;
  const kindOf = (...errors: unknown[]) => classify(errors, isTransientError)?.kind ?? 'none';

  it('finds nothing in nothing', () => {
    expect(kindOf()).toBe('none');
  });

  it('recognises our own errors, asks about others, and takes the rest for a bug', () => {
    expect(kindOf(invalid)).toBe('invalid');
    expect(kindOf(transient)).toBe('transient');
    expect(kindOf(lost)).toBe('transient');
    expect(kindOf(bug)).toBe('failed');
    expect(kindOf(undefined)).toBe('failed');
  });

  it('of several handlers, one that may still succeed keeps the event alive for all', () => {
    expect(kindOf(invalid, transient)).toBe('transient');
    expect(kindOf(bug, lost)).toBe('transient');
    expect(kindOf(invalid, bug)).toBe('failed');
    expect(kindOf(invalid, invalid)).toBe('invalid');
  });
});

describe('explainFailure', () => {
  it('is one line, whatever was thrown', () => {
    expect(explainFailure(new TypeError('a\r\nb'))).toBe('TypeError: a b');
    expect(explainFailure('text')).toBe('text');
    expect(explainFailure({ a: 1 })).toBe('{"a":1}');
    expect(explainFailure(undefined)).toBe('undefined');
    expect(explainFailure(10n)).toBe('[object BigInt]');
    expect(explainFailure(new Error('x'.repeat(1_000))).length).toBeLessThanOrEqual(300);
  });

  it('explains how to reveal an error that Nest has hidden', () => {
    const hidden = { status: 'error', message: 'Internal server error' };
    expect(explainFailure(hidden)).toContain('@EventsController()');
  });
});
