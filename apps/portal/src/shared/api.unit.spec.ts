import { describe, expect, it } from '@jest/globals';
import { problemOf } from './api.js';

describe('a refused request', () => {
  it('is told by the code of the service', () => {
    const body = JSON.stringify({ code: 'wrong_code', title: 'This is not the code', triesLeft: 3 });
    expect(problemOf(422, body, null)).toMatchObject({ status: 422, code: 'wrong_code', triesLeft: 3 });
  });

  it.each([
    [413, 'too_large', false],
    [415, 'file_type_not_allowed', false],
    [502, 'service_unavailable', true],
    [503, 'service_unavailable', true],
    [401, 'sign_in_required', false],
    [0, 'unreachable', true],
  ] as const)('P6 has a code also where a proxy answers %i in HTML: %s', (status, code, isPassing) => {
    expect(problemOf(status, '<html><h1>Request Entity Too Large</h1>', null)).toMatchObject({ code, isPassing });
  });

  it('says after how many seconds it may be sent again', () => {
    expect(problemOf(429, '{}', '120').retryAfterSeconds).toBe(120);
    expect(problemOf(429, 'null', 'Wed, 21 Oct 2026 07:28:00 GMT').retryAfterSeconds).toBeNull();
  });
});
