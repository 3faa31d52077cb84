import { describe, expect, it } from '@jest/globals';
import { canonicalBody, canonicalField } from './canonical.js';

describe('what is signed of a body', () => {
  it.each([
    ['', '\r\n', ''],
    ['\r\n\r\n', '\r\n', ''],
    ['a', 'a\r\n', 'a\r\n'],
    ['a\r\n\r\n\r\n', 'a\r\n', 'a\r\n'],
    [' C \r\nD \t E\r\n\r\n\r\n', ' C \r\nD \t E\r\n', ' C\r\nD E\r\n'],
    ['a\r\n \t\r\n', 'a\r\n \t\r\n', 'a\r\n'],
    ['a \r\n ', 'a \r\n \r\n', 'a\r\n'],
    // The last byte of "à" in UTF-8 is no blank.
    ['\u00c3\u00a0\r\n', '\u00c3\u00a0\r\n', '\u00c3\u00a0\r\n'],
  ])('%j is %j, or relaxed %j (RFC 6376 §3.4)', (body, simple, relaxed) => {
    expect(canonicalBody(body, 'simple')).toBe(simple);
    expect(canonicalBody(body, 'relaxed')).toBe(relaxed);
  });
});

describe('what is signed of a field', () => {
  it.each([
    ['SUBJect : AbC \t\r\n  d ', 'subject:AbC d'],
    ['subject:', 'subject:'],
    ['subject: ', 'subject:'],
    ['subject:\u00c3\u00a0', 'subject:\u00c3\u00a0'],
  ])('%j stays as it is, or is relaxed %j', (raw, relaxed) => {
    expect(canonicalField({ name: 'subject', raw }, 'simple')).toBe(raw);
    expect(canonicalField({ name: 'subject', raw }, 'relaxed')).toBe(relaxed);
  });
});
