import { TransientError } from '@bellhop/waiting';
import { describe, expect, it } from '@jest/globals';
import { QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { isTransientError } from './transient-errors.js';

const withCode = (code: string, message = 'refused') => Object.assign(new Error(message), { code });
const wrapped = (error: Error) => new QueryFailedError('select 1', [], error);

describe('isTransientError', () => {
  it.each([
    '08000',
    '08006',
    '40001',
    '40P01',
    '53100',
    '53300',
    '57014',
    '57P01',
    '57P02',
    '57P03',
    '57P04',
    '57P05',
    '55P03',
    '25006',
    '58030',
  ])('takes SQLSTATE %s for transient, bare and inside of TypeORM', (code) => {
    expect(isTransientError(withCode(code))).toBe(true);
    expect(isTransientError(wrapped(withCode(code)))).toBe(true);
  });

  it.each([
    '08P01',
    '21000',
    '22001',
    '22003',
    '22021',
    '23502',
    '23505',
    '23514',
    '25P02',
    '42P01',
    '42703',
    'XX000',
    '40002',
  ])('does not take SQLSTATE %s for transient', (code) => {
    expect(isTransientError(withCode(code))).toBe(false);
    expect(isTransientError(wrapped(withCode(code)))).toBe(false);
  });

  it.each(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOTFOUND', 'EAI_AGAIN'])(
    'takes %s for transient',
    (code) => {
      expect(isTransientError(withCode(code))).toBe(true);
    },
  );

  it.each(['EACCES', 'ENOENT', 'ERR_INVALID_ARG_TYPE', 'EMFILE2'])('does not take %s for transient', (code) => {
    expect(isTransientError(withCode(code))).toBe(false);
  });

  it.each([
    'Connection terminated',
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'Client has encountered a connection error and is not queryable',
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'Cannot use a pool after calling end on the pool',
  ])('knows what pg says without a code: %s', (message) => {
    expect(isTransientError(new Error(message))).toBe(true);
    expect(isTransientError(wrapped(new Error(message)))).toBe(true);
  });

  it('takes a connection for transient that TypeORM took away in the middle of a transaction', () => {
    expect(isTransientError(new QueryRunnerAlreadyReleasedError())).toBe(true);
  });

  it('takes the word of a handler for it, also through a cause', () => {
    const fault = new TransientError('guest-auth does not answer');
    expect(isTransientError(fault)).toBe(true);
    expect(isTransientError(new Error('no links', { cause: fault }))).toBe(true);
  });

  it('takes several refused addresses of one host for transient, and a mixture for none', () => {
    const refused = withCode('ECONNREFUSED');
    expect(isTransientError(new AggregateError([refused, refused]))).toBe(true);
    expect(isTransientError(new AggregateError([refused, new TypeError('x')]))).toBe(false);
    expect(isTransientError(new AggregateError([]))).toBe(false);
  });

  it.each([
    ['a bug', new TypeError('x is not a function')],
    ['a text that merely mentions a connection', new Error('the subject is "Connection terminated"')],
    ['a string', 'ECONNREFUSED'],
    ['nothing', undefined],
    ['an object that only looks like an error', { code: 'ECONNREFUSED' }],
  ])('does not take %s for transient', (_, error) => {
    expect(isTransientError(error)).toBe(false);
  });

  it('ends with errors that cause each other', () => {
    const one = new Error('one');
    const two = new Error('two', { cause: one });
    one.cause = two;
    expect(isTransientError(one)).toBe(false);
  });
});
