import { ATTACHMENT_TYPES } from '@bellhop/contracts/constants';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  bytesOf,
  gif,
  isoMedia,
  jpeg,
  ole,
  ooxml,
  openDocument,
  pdf,
  png,
  webp,
  zip,
} from '../../../test/sample-files.js';
import { sniff, whyNot } from './sniff.js';

const typeOf = (content: string | Buffer) => sniff(bytesOf(content));

const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const RELS = 'word/_rels/settings.xml.rels';
const DOCX = 'word/document.xml';
const MANY = Array.from({ length: 40 }, (_, n) => `stream ${n}`);

describe('a file is what its bytes say', () => {
  it.each<[string, Buffer | string, string]>([
    ['a PNG', png(), 'image/png'],
    ['a JPEG', jpeg(), 'image/jpeg'],
    ['a GIF', gif(), 'image/gif'],
    ['a WebP', webp(), 'image/webp'],
    ['an AVIF', isoMedia('avif', 'mif1', 'miaf'), 'image/avif'],
    ['a HEIC of a phone', isoMedia('heic', 'mif1', 'heic'), 'image/heic'],
    ['a HEIC that says so second', isoMedia('mif1', 'heic'), 'image/heic'],
    ['a HEIF', isoMedia('mif1', 'miaf'), 'image/heif'],
    ['a PDF', pdf(), 'application/pdf'],
    ['a docx', ooxml('word/document.xml'), WORD],
    ['a docx with a numbered part', ooxml('word/document2.xml'), WORD],
    ['an xlsx', ooxml('xl/workbook.xml'), 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
    [
      'a pptx',
      ooxml('ppt/presentation.xml'),
      'application/vnd.openxmlformats-officedocument.presentationml.presentation',
    ],
    ['an odt', openDocument('text'), 'application/vnd.oasis.opendocument.text'],
    ['an ods', openDocument('spreadsheet'), 'application/vnd.oasis.opendocument.spreadsheet'],
    ['an odp', openDocument('presentation'), 'application/vnd.oasis.opendocument.presentation'],
    ['a doc', ole(['1Table', 'WordDocument']), 'application/msword'],
    ['a doc with many streams', ole([...MANY, 'WordDocument']), 'application/msword'],
    ['a doc with a table of Excel in it', ole(['ObjectPool', 'WordDocument'], ['Workbook']), 'application/msword'],
    ['an xls with a letter in it', ole(['MBD1', 'Workbook'], ['WordDocument']), 'application/vnd.ms-excel'],
    ['an xls of 1995', ole(['Book']), 'application/vnd.ms-excel'],
    ['a ppt', ole(['Current User', 'PowerPoint Document']), 'application/vnd.ms-powerpoint'],
    ['a text', 'Zażółć gęślą jaźń,\r\n\tщука 漢字 🦉\n', 'text/plain'],
    ['a text with a byte order mark', '\ufeffHello', 'text/plain'],
    ['a text in UTF-16 of Windows', Buffer.from('\ufeffZażółć\r\n漢字', 'utf16le'), 'text/plain'],
    ['a text in UTF-16, the other way round', Buffer.from('\ufeffZażółć', 'utf16le').swap16(), 'text/plain'],
    ['a long text in UTF-16', Buffer.from(`\ufeff${'x漢🦉'.repeat(40_000)}`, 'utf16le'), 'text/plain'],
    ['a note about tags', 'Put <html> and <body> around it, and <script src="a.js"> behind.', 'text/plain'],
    ['Markdown with a script', '# How to\n\n```html\n<script>alert(1)</script>\n<svg onload="x">\n```\n', 'text/plain'],
    ['a log with a document in it', '12:00 POST /api\n<?xml version="1.0"?><order/>\n<!DOCTYPE html>', 'text/plain'],
    ['a log that speaks of PDF and mail', 'no %PDF-1.4 header\nsaw MIME-Version: 1.0\n', 'text/plain'],
    ['a quoted mail', '<jana@example.com> wrote:\n> hello', 'text/plain'],
    ['a chat', '<jana> hello\n<piotr> hi', 'text/plain'],
    ['letters that a program begins with', 'MZ is what programs of Windows begin with', 'text/plain'],
    [
      'what a terminal showed, with colours',
      '\u001b[1;31mred\u001b[0m \u001b[38;2;1;2;3mx\u001b[m\u001b[K\n',
      'text/plain',
    ],
    ['colours at the border of a block', `${'x'.repeat(65_533)}\u001b[1;31mred\u001b[0m`, 'text/plain'],
    ['a text of DOS', 'Hello\r\n\u001a', 'text/plain'],
    ['a text with old line ends', 'a\vb\u0085c\f', 'text/plain'],
    ['a PDF behind a byte order mark', Buffer.concat([Buffer.from('\ufeff'), pdf()]), 'application/pdf'],
    ['a PDF behind a line break', Buffer.concat([Buffer.from('\r\n'), pdf()]), 'application/pdf'],
    ['a PDF behind blanks', Buffer.concat([Buffer.from(' \t\f\0'.repeat(200)), pdf()]), 'application/pdf'],
    ['a PDF behind all of it', Buffer.concat([Buffer.from('\n\ufeff\n '), pdf()]), 'application/pdf'],
    ['a log with tags in it', '2026-11-22 <13> a < b, c > d\n', 'text/plain'],
    ['an export', 'time;amount\n2026-11-22;1,5\n', 'text/plain'],
    ['a text longer than a block', 'é'.repeat(100_001), 'text/plain'],
  ])('%s', async (_, content, type) => {
    expect(await typeOf(content)).toBe(type);
  });

  it.each<[string, Buffer | string]>([
    ['nothing', ''],
    ['a picture without its first byte', png().subarray(1)],
    ['a PNG without a header', png().subarray(0, 8)],
    ['a film', isoMedia('isom', 'mp42', 'avif')],
    ['a film of an iPhone', isoMedia('qt  ')],
    ['an archive', zip({ 'a.txt': 'hello' })],
    ['a Java archive', zip({ 'META-INF/MANIFEST.MF': '', 'A.class': '' })],
    ['a docx that is a Java archive as well', ooxml('word/document.xml', { 'META-INF/MANIFEST.MF': '' })],
    ['a docx with macros', ooxml('word/document.xml', { 'word/vbaProject.bin': '' })],
    ['a package of two minds', ooxml('word/document.xml', { 'xl/workbook.xml': '' })],
    ['a package of none', ooxml('customXml/item1.xml')],
    ['an odt with macros', openDocument('text', { 'Basic/script-lc.xml': '' })],
    ['an OpenDocument of another kind', openDocument('graphics')],
    ['a template', openDocument('text-template')],
    ['a zip that ends too early', ooxml('word/document.xml').subarray(0, -30)],
    ['an installer', ole(['!_StringData'])],
    ['a mail of Outlook', ole(['__properties_version1.0'])],
    ['an encrypted document', ole(['EncryptedPackage', 'EncryptionInfo'])],
    ['a doc with macros', ole(['WordDocument', 'Macros'], ['VBA'])],
    ['an xls with macros', ole(['Workbook', '_VBA_PROJECT_CUR'])],
    ['a compound file without a directory', ole(['WordDocument']).subarray(0, 600)],
    ['a program of Windows', Buffer.from('MZ\x90\0\x03')],
    ['a program of Linux', Buffer.from('\x7fELF\x02\x01')],
    ['what is no UTF-8', Buffer.from('Za\xbf\xf3\xb3\xe6', 'latin1')],
    ['UTF-16 that does not say so', Buffer.from('Hello', 'utf16le')],
    ['UTF-16 that ends in a character', Buffer.from('\ufeffHello', 'utf16le').subarray(0, -1)],
    ['UTF-16 with half a pair', Buffer.from('\ufeffa\ud83d', 'utf16le')],
    ['UTF-32', Buffer.from('\ufeff\0H\0i\0', 'utf16le')],
    ['a page in UTF-16', Buffer.from('\ufeff<html>', 'utf16le')],
    ['a PDF too far in', Buffer.concat([Buffer.alloc(1_024, ' '), pdf('\xff')])],
    ['a PDF behind a program', Buffer.concat([Buffer.from('MZ\x90\0'), pdf()])],
    ['a text with a NUL', 'a\0b'],
    ['a text that drives a terminal', 'a\u001b[2Jb'],
    ['a text that names a window', 'a\u001b]0;title\u0007b'],
    ['a text that ends in the middle of a colour', 'a\u001b[1;3'],
    ['a sequence at the border of a block', `${'x'.repeat(65_534)}\u001b[2J`],
    ['a text with an end in its middle', 'a\u001ab'],
    ['a text with more of its end than of itself', `a${'\u001a'.repeat(513)}`],
    ['a text that is cut in a character', Buffer.from('é'.repeat(70_000)).subarray(0, -1)],
  ])('%s is none of ours', async (_, content) => {
    expect(await typeOf(content)).toBeNull();
  });
});

describe('the reason why a file is refused', () => {
  it.each<[string, Buffer | string, string]>([
    ['an archive', zip({ 'a.txt': 'hello' }), 'archive'],
    ['a docx with macros', ooxml('word/document.xml', { 'word/vbaProject.bin': '' }), 'macros'],
    ['an xls with macros', ole(['Workbook', '_VBA_PROJECT_CUR']), 'macros'],
    [
      'a PDF behind something else',
      Buffer.concat([Buffer.from('HTTP/1.1 200 OK\n'), pdf('\xff'), Buffer.from([0xff])]),
      'before_pdf',
    ],
    ['a page', '<html>', 'page'],
    ['a script', '#!/bin/sh', 'program'],
    ['a text of Windows', Buffer.from('Za\xbf\xf3\xb3\xe6', 'latin1'), 'charset'],
    ['a text that drives a terminal', 'a\u001b[2Jb', 'control_characters'],
    ['a program', Buffer.from('MZ\x90\0\x03\xff', 'latin1'), 'unknown'],
    ['an encrypted document', ole(['EncryptedPackage', 'EncryptionInfo']), 'unreadable'],
  ])('%s', async (_, content, why) => {
    expect([await typeOf(content), await whyNot(bytesOf(content))]).toEqual([null, why]);
  });
});

/** Tables that are each short, and all the same one. */
function manyTables(count: number): Buffer {
  const [begin, sectors] = [1 + Math.ceil((count + 1) / 4), 100];
  const file = ole(Array.from({ length: count }, () => 'Workbook'));
  for (let n = 0; n < sectors; n++) {
    file.writeUInt32LE(n === sectors - 1 ? 0xfffffffe : begin + n + 1, 512 + (begin + n) * 4);
  }
  for (let n = 1; n <= count; n++) {
    file.writeUInt32LE(begin, 1_024 + n * 128 + 116);
    file.writeUInt32LE(sectors * 512, 1_024 + n * 128 + 120);
  }
  const records = Buffer.alloc(sectors * 512);
  records.writeUInt16LE(0x0a, records.length - 4);
  return Buffer.concat([file, records]);
}

describe('a file that is made to be slow to inspect', () => {
  it.each<[string, Buffer | string]>([
    ['ends of a text of DOS, and a letter', `${'\u001a'.repeat(500_000)}a`],
    ['ends of a text of DOS', '\u001a'.repeat(2_000_000)],
    ['relationships without an end', ooxml(DOCX, { [RELS]: '<Relationship '.repeat(60_000) })],
    ['relationships with a quote', ooxml(DOCX, { [RELS]: '<Relationship a="'.repeat(60_000) })],
    ['a relationship of one long name', ooxml(DOCX, { [RELS]: `<Relationship ${'a'.repeat(900_000)}>` })],
    ['numbers without an end', ooxml(DOCX, { [RELS]: '&#000'.repeat(180_000) })],
    ['tables and tables', manyTables(60)],
  ])('does not keep us from others: %s', async (_what, content) => {
    const begin = process.cpuUsage();
    await typeOf(content);
    const { user, system } = process.cpuUsage(begin);
    // Half a second; what tries each place anew takes minutes. Time on the clock would be that of the machine's other work as well.
    expect((user + system) / 1_000).toBeLessThan(5_000);
  });

  it('is refused when its tables are endless', async () => {
    expect([await whyNot(bytesOf(manyTables(60))), await typeOf(manyTables(2))]).toEqual([
      'unreadable',
      'application/vnd.ms-excel',
    ]);
  });
});

describe('any bytes', () => {
  it('are one of the types or none, and never an error', async () => {
    const begins = [
      png(),
      jpeg(),
      gif(),
      webp(),
      pdf(),
      isoMedia('avif'),
      ooxml('word/document.xml'),
      openDocument('text'),
      ole(['WordDocument']),
    ];
    const mangled = fc
      .record({
        begin: fc.constantFrom(...begins),
        cutAt: fc.nat(1_200),
        at: fc.nat(1_200),
        junk: fc.uint8Array({ maxLength: 40 }),
      })
      .map(({ begin, cutAt, at, junk }) =>
        Buffer.concat([
          begin.subarray(0, at),
          junk,
          begin.subarray(at + junk.length, Math.max(at + junk.length, cutAt)),
        ]),
      );
    await fc.assert(
      fc.asyncProperty(fc.oneof(mangled, fc.uint8Array({ maxLength: 2_000 }).map(Buffer.from)), async (content) => {
        const type = await typeOf(content);
        expect(type === null || Object.hasOwn(ATTACHMENT_TYPES, type)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });
});
