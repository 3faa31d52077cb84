import { describe, expect, it } from '@jest/globals';
import { sensitiveIn } from './sensitive.js';

const SEED = 'abandon ability able about above absent absorb abstract absurd abuse access accident';

describe('S31 what must not be sent', () => {
  it.each([
    ['my card is 4111 1111 1111 1111, please look', 'card'],
    ['4111-1111-1111-1111', 'card'],
    ['５５５５５５５５５５５５４４４４', 'card'],
    ['378282246310005', 'card'],
    ['IBAN DE89 3704 0044 0532 0130 00', 'iban'],
    ['PL61109010140000071219812874', 'iban'],
    [`this is it:\n${SEED}`, 'seed'],
    [
      SEED.split(' ')
        .map((word, at) => `${at + 1}. ${word}`)
        .join(' '),
      'seed',
    ],
  ] as const)('is seen in %j', (text, what) => {
    expect(sensitiveIn(text)).toBe(what);
  });

  it.each([
    '',
    'It left your side at 11:05, network TRC-20.',
    'order 4111111111111112',
    'transaction 7f3ac91e4b7d2e6f8a9b0c1d2e3f4a5b6c7d8e9f0a1b2c3d4e5f6a7b8c9d0e1f',
    'call me on +48 601 202 303 or +49 30 1234567',
    'DE89 3704 0044 0532 0130 01',
    'the order was sent from your side but has not been seen here',
    'one two three four five six seven eight nine ten eleven',
  ])('is not seen in %j', (text) => {
    expect(sensitiveIn(text)).toBeNull();
  });
});
