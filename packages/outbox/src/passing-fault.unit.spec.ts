import { PassingFaultError } from '@bellhop/jetstream';
import { describe, expect, it } from '@jest/globals';
import { QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { isPassingFault } from './passing-fault.js';

const withCode = (code: string, message = 'refused') => Object.assign(new Error(message), { code });
const wrapped = (error: Error) => new QueryFailedError('select 1', [], error);

describe('isPassingFault', () => {
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
  ])('takes SQLSTATE %s for passing, bare and inside of TypeORM', (code) => {
    expect(isPassingFault(withCode(code))).toBe(true);
    expect(isPassingFault(wrapped(withCode(code)))).toBe(true);
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
  ])('does not take SQLSTATE %s for passing', (code) => {
    expect(isPassingFault(withCode(code))).toBe(false);
    expect(isPassingFault(wrapped(withCode(code)))).toBe(false);
  });

  it.each(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENOTFOUND', 'EAI_AGAIN'])(
    'takes %s for passing',
    (code) => {
      expect(isPassingFault(withCode(code))).toBe(true);
    },
  );

  it.each(['EACCES', 'ENOENT', 'ERR_INVALID_ARG_TYPE', 'EMFILE2'])('does not take %s for passing', (code) => {
    expect(isPassingFault(withCode(code))).toBe(false);
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
    expect(isPassingFault(new Error(message))).toBe(true);
    expect(isPassingFault(wrapped(new Error(message)))).toBe(true);
  });

  it('takes a connection for passing that TypeORM took away in the middle of a transaction', () => {
    expect(isPassingFault(new QueryRunnerAlreadyReleasedError())).toBe(true);
  });

  it('takes the word of a handler for it, also through a cause', () => {
    const fault = new PassingFaultError('guest-auth does not answer');
    expect(isPassingFault(fault)).toBe(true);
    expect(isPassingFault(new Error('no links', { cause: fault }))).toBe(true);
  });

  it('takes several refused addresses of one host for passing, and a mixture for none', () => {
    const refused = withCode('ECONNREFUSED');
    expect(isPassingFault(new AggregateError([refused, refused]))).toBe(true);
    expect(isPassingFault(new AggregateError([refused, new TypeError('x')]))).toBe(false);
    expect(isPassingFault(new AggregateError([]))).toBe(false);
  });

  it.each([
    ['a bug', new TypeError('x is not a function')],
    ['a text that merely mentions a connection', new Error('the subject is "Connection terminated"')],
    ['a string', 'ECONNREFUSED'],
    ['nothing', undefined],
    ['an object that only looks like an error', { code: 'ECONNREFUSED' }],
  ])('does not take %s for passing', (_, error) => {
    expect(isPassingFault(error)).toBe(false);
  });

  it('ends with errors that cause each other', () => {
    const one = new Error('one');
    const two = new Error('two', { cause: one });
    one.cause = two;
    expect(isPassingFault(one)).toBe(false);
  });
});
