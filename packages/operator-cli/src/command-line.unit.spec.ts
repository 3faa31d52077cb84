import { describe, expect, it } from '@jest/globals';
import { parseCommandLine } from './command-line.js';
import { readPages } from './pages.js';
import { facts, moment, table } from './table.js';

describe('a command line', () => {
  it('names a command, its argument and its options, in any order after the name', () => {
    expect(parseCommandLine(['deliveries', 'replay', '--dry-run', '7', '--json'])).toMatchObject({
      kind: 'run',
      command: { name: 'deliveries replay' },
      argument: '7',
      options: { 'dry-run': true, json: true },
    });
    expect(parseCommandLine(['dead-letters', 'redrive', '17', '--event', '-'])).toMatchObject({
      argument: '17',
      options: { event: '-' },
    });
  });

  it.each([
    [['deliveries', 'list', '--yes']],
    [['deliveries', 'list', '--state']],
    [['deliveries', 'show', 'a', 'b']],
    [['explain']],
    [['list', 'deliveries']],
  ])('that makes no sense ends with exit code 2: %j', (words) => {
    expect(() => parseCommandLine(words)).toThrow(expect.objectContaining({ exitCode: 2 }));
  });
});

describe('a table', () => {
  it('has columns as wide as their longest cell, and no spaces at the ends of its lines', () => {
    expect(
      table(
        ['A', 'LONG'],
        [
          ['1234', ''],
          ['5', 'six'],
        ],
      ),
    ).toBe('A     LONG\n1234\n5     six');
  });

  it('lets nothing through that moves a cursor, colours a screen or turns a line around', () => {
    const evil = '\u001b[2J\u0007a\r\nb\u202ec\u009b1m';
    const harmless = /^[^\p{Cc}\u202e]*$/u;
    for (const text of [table(['A'], [[evil]]), facts([['a', evil]])]) {
      for (const line of text.split('\n')) expect(line).toMatch(harmless);
    }
  });

  it('tells moments in UTC', () => {
    expect(moment('2026-11-25T23:04:05.678+01:00')).toBe('2026-11-25 22:04:05Z');
    expect(moment(null)).toBe('-');
  });
});

describe('reading pages', () => {
  it('goes on through pages that are short, or empty, and stops at the limit', async () => {
    const pages = [[1], [], [2, 3], [4]];
    const read = async ({ cursor = '0' }: { cursor: string | undefined }) => {
      const index = Number(cursor);
      return { items: pages[index] ?? [], next: index + 1 < pages.length ? String(index + 1) : null };
    };
    expect(await readPages(3, read)).toEqual({ items: [1, 2, 3], next: '3' });
    expect(await readPages(99, read)).toEqual({ items: [1, 2, 3, 4], next: null });
  });
});
