import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { withoutPadding } from './transport-padding.js';

async function passed(chunks: readonly string[], type = 'multipart/form-data; boundary=XbX'): Promise<string> {
  const bytes = chunks.map((chunk) => Buffer.from(chunk, 'latin1'));
  return (await buffer(Readable.from(bytes).pipe(withoutPadding(type)))).toString('latin1');
}

const cut = (text: string, size: number) => text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];

describe('blanks behind a boundary', () => {
  it.each([
    ['--XbX  \r\nA\r\n--XbX--\r\n', '\r\n--XbX\r\nA\r\n--XbX--\r\n'],
    ['--XbX\r\nA\r\n--XbX\t \t\r\nB\r\n--XbX--', '\r\n--XbX\r\nA\r\n--XbX\r\nB\r\n--XbX--'],
    ['preamble\r\n--XbX \r\nA', '\r\npreamble\r\n--XbX\r\nA'],
    ['--XbX-- \r\nepilogue', '\r\n--XbX-- \r\nepilogue'],
  ])('of %j are taken out, however it is cut', async (body, expected) => {
    for (let size = 1; size <= body.length; size++) expect(await passed(cut(body, size))).toBe(expected);
  });

  it.each([
    '--XbX\r\nA line that names --XbX  \r\nin its middle',
    '--XbX\r\nA\r\n--XbXY  \r\nB',
    '--XbX\r\nA\r\n--XbX  B\r\n',
    '--XbX\r\nA\n--XbX  \nB',
    '--XbX\r\nblanks at the end of a line  \r\n--Xb  \r\n',
    `--XbX${' '.repeat(5_000)}\r\n`,
    '',
  ])('are taken out nowhere else: %j', async (body) => {
    for (const size of [1, 2, 7, 10_000]) expect(await passed(cut(body, size))).toBe(`\r\n${body}`);
  });

  it('are found behind a boundary in quotes, with other parameters around it', async () => {
    const type = 'multipart/form-data; charset=utf-8; Boundary="a b"; x=y';
    expect(await passed(['--a b \r\nA'], type)).toBe('\r\n--a b\r\nA');
  });

  it('leave everything else as it is, byte for byte', async () => {
    const piece = fc.constantFrom('\r', '\n', '\r\n', '-', '--', 'XbX', 'Xb', ' ', '\t', 'a', '\xff', '\0');
    const chunks = fc.array(
      fc.array(piece, { minLength: 1, maxLength: 9 }).map((parts) => parts.join('')),
      { maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(chunks, async (parts) => {
        const body = `\r\n${parts.join('')}`;
        expect(await passed(parts)).toBe(body.replace(/(\r\n--XbX)[ \t]+(?=\r\n)/g, '$1'));
      }),
      { numRuns: 2_000 },
    );
  });
});
