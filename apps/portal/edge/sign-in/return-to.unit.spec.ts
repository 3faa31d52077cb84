import { describe, expect, it } from '@jest/globals';
import { returnTo } from './return-to.js';

describe('S16 after a sign-in', () => {
  it.each([
    '/',
    '/tickets',
    '/tickets/01990c1e-7a52-7c1c-9f0a-2b6f4f1e8a10',
    '/tickets/new?category=trading&subject=a%20b',
    '/desk/?queue=mine&after=2026-11-30T12:00',
    '/t/Abc_-123#answer',
    '/a/../b',
  ])('S16 the person returns to %s', (path) => {
    expect(returnTo(path)).toBe(path);
    expect(new URL(path, 'https://support.example.com').origin).toBe('https://support.example.com');
  });

  it.each([
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/%2f/evil.example',
    '/%5cevil.example',
    '/%09/evil.example',
    '/\t/evil.example',
    '/\n//evil.example',
    '/tickets//evil.example',
    'https://evil.example',
    'https:evil.example',
    'javascript:alert(1)',
    'evil.example',
    '/@evil.example',
    '/tickets?next=https://evil.example',
    '/tickets?a=<script>',
    '/auth/sign-in',
    '/auth',
    '/auth?x=1',
    '/api/tickets',
    `/${'a'.repeat(2_000)}`,
    '',
    undefined,
    ['/tickets', '/desk'],
  ])('S16 nobody is led to %j', (path) => {
    expect(returnTo(path)).toBe('/');
  });

  it('S16 is decided in no time, whatever is asked for', () => {
    const startedAt = performance.now();
    returnTo(`/${'a/'.repeat(999)}\\`);
    returnTo(`/${'a'.repeat(1_998)}!`);
    expect(performance.now() - startedAt).toBeLessThan(50);
  });
});
