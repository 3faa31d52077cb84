import { ticketNumber } from '@bellhop/contracts/events';
import { describe, expect, it } from '@jest/globals';
import { drawTicketNumber, readTicketNumber } from './ticket-numbers.js';

describe('a ticket number', () => {
  it('has six characters of Crockford base 32', () => {
    for (let i = 0; i < 500; i++) expect(drawTicketNumber()).toMatch(/^[0-9A-HJKMNP-TV-Z]{6}$/);
  });

  it('is one that the contract allows', () => {
    expect(ticketNumber.safeParse(drawTicketNumber()).success).toBe(true);
  });

  it('uses every character evenly: each byte value has one of 32 characters, eight times', () => {
    const counts = new Map<string, number>();
    for (let byte = 0; byte < 256; byte++) {
      const character = drawTicketNumber(Uint8Array.of(byte));
      counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    expect([...counts.values()]).toEqual(Array(32).fill(8));
  });

  it('does not come twice in ten thousand draws (one in 20 may, by chance)', () => {
    const drawn = new Set(Array.from({ length: 10_000 }, () => drawTicketNumber()));
    expect(drawn.size).toBeGreaterThan(9_990);
  });
});

describe('a number that somebody types', () => {
  it.each([
    ['7k4m2q', '7K4M2Q'],
    ['oO0iIlL1', '00011111'],
    ['7K4M2Q', '7K4M2Q'],
  ])('is read as people write it: %s is %s', (typed, number) => {
    expect(readTicketNumber(typed)).toBe(number);
  });

  it('is never another one that we could have drawn', () => {
    for (let i = 0; i < 500; i++) {
      const number = drawTicketNumber();
      expect(readTicketNumber(number.toLowerCase())).toBe(number);
    }
  });
});
