import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  gif,
  isoMedia,
  jpeg,
  ole,
  ooxml,
  openDocument,
  pdf,
  png,
  relationship,
  webp,
  xls,
  zip,
} from '../../../test/sample-files.js';
import { isAttachmentType } from './attachment-types.js';
import { sniff, whyNot } from './sniff.js';

const bytesOf = (content: string | Buffer) => {
  const bytes = Buffer.from(content as string);
  return {
    sizeBytes: bytes.length,
    read: async (position: number, length: number) => bytes.subarray(position, position + length),
  };
};
const typeOf = (content: string | Buffer) => sniff(bytesOf(content));

const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const RELS = 'word/_rels/settings.xml.rels';
const DOCX = 'word/document.xml';
/** With the address in front of all else. */
const turned = (relationships: string) =>
  relationships.replace(/(<Relationship )(.*) (Target="[^"]*")\/>/, '$1$3 $2/>');
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

describe('S17 a file that a program could run or show as a page', () => {
  it.each([
    '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    '<?xml version="1.0"?><svg/>',
    '<?xml-stylesheet type="text/xsl" href="#"?><a/>',
    '\ufeff \n<!DOCTYPE html><script>alert(1)</script>',
    '<HTML>',
    '<!-- --><script>',
    '<a href="javascript:alert(1)">',
    '<?php system($_GET[0]);',
    '<% Response.Write %>',
    '<body onload=alert(1)>',
    '<x:script xmlns:x="http://www.w3.org/1999/xhtml">',
    '<a\nhref="javascript:alert(1)">',
    '<root xmlns="http://www.w3.org/2000/svg">',
    '\u200b<p align="center">',
    '<![CDATA[',
    'Subject: a\n b\nX-A: b\nMIME-Version: 1.0\n\nhello',
    '#!/bin/sh\nrm -rf /',
    '%!PS\nrun',
    '{\\rtf1 {\\object}}',
    '@echo off\r\nformat c:',
    '[InternetShortcut]\r\nURL=file://evil',
    'From: <Saved by Mozilla>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x',
  ])('is no text: %j', async (content) => {
    expect(await typeOf(content)).toBeNull();
  });
});

describe('S17 a document with active content', () => {
  const types = (type: string) => ({
    '[Content_Types].xml': `<Types><Override PartName="/x/a.bin" ContentType="${type}"/></Types>`,
  });

  it.each<[string, Buffer, string]>([
    ['an xls with a sheet of Excel 4 macros', xls([0, 1]), 'macros'],
    ['a large one', xls([0, 0, 1], { before: 8_000 }), 'macros'],
    ['one of 1995', xls([1], { name: 'Book' }), 'macros'],
    ['one that calls its stream otherwise', xls([1], { name: 'WORKBOOK' }), 'macros'],
    ['an xls with a module of Visual Basic', xls([6]), 'macros'],
    ['an xls whose sheets cannot be read', xls([0], { broken: true, before: 200 }), 'unreadable'],
    ['a large one', xls([0], { broken: true, before: 8_000 }), 'unreadable'],
    ['a doc with a file in it', ole(['WordDocument', 'ObjectPool'], ['\u0001Ole10Native']), 'embedded'],
    ['a doc with a formula of old', ole(['WordDocument'], ['Equation Native']), 'embedded'],
    ['a docx whose macros have another name', ooxml(DOCX, types('application/vnd.ms-office.vbaProject')), 'macros'],
    ['a docx that is a docm', ooxml(DOCX, types('application/vnd.ms-word.document.macroEnabled.main+xml')), 'macros'],
    ['one that hides it', ooxml(DOCX, types('application/vnd.ms-office.vba&#80;roject')), 'macros'],
    ['one that hides it in hexadecimal', ooxml(DOCX, types('application/vnd.ms-office.&#x76;baProject')), 'macros'],
    [
      'an xlsx with a sheet of Excel 4 macros',
      ooxml('xl/workbook.xml', types('application/vnd.ms-excel.macrosheet+xml')),
      'macros',
    ],
    [
      'macros that only a relationship tells of',
      ooxml(DOCX, { 'word/_rels/document.xml.rels': relationship('vbaProject', 'a.bin', 'Internal') }),
      'macros',
    ],
    ['a docx with a control', ooxml(DOCX, types('application/vnd.ms-office.activeX+xml')), 'macros'],
    ['a docx with an OLE object', ooxml(DOCX, { 'word/embeddings/oleObject1.bin': 'x' }), 'embedded'],
    [
      'an OLE object by another name',
      ooxml(DOCX, { 'word/_rels/document.xml.rels': relationship('oleObject', 'media/image1.png', 'Internal') }),
      'embedded',
    ],
    [
      'an OLE object of another computer',
      ooxml(DOCX, { 'word/_rels/document.xml.rels': relationship('oleObject', 'https://evil.example/a') }),
      'embedded',
    ],
    ['a docx with a program in it', ooxml(DOCX, { 'word/embeddings/a.exe': 'MZ' }), 'embedded'],
    [
      'an odt with an OLE object',
      openDocument('text', {
        'META-INF/manifest.xml': '<file-entry media-type="application/vnd.sun.star.oleobject"/>',
      }),
      'embedded',
    ],
    [
      'a remote template',
      ooxml(DOCX, { [RELS]: relationship('attachedTemplate', 'https://evil.example/a.dotm') }),
      'remote',
    ],
    ['one of a share', ooxml(DOCX, { [RELS]: relationship('attachedTemplate', '\\\\evil.example\\a.dotm') }), 'remote'],
    [
      'one of a share, as an address',
      ooxml(DOCX, { [RELS]: relationship('attachedTemplate', 'file://evil.example/a.dotm') }),
      'remote',
    ],
    [
      'one of a share, with more slashes',
      ooxml(DOCX, { [RELS]: relationship('attachedTemplate', 'file://///evil.example/a.dotm') }),
      'remote',
    ],
    [
      'one that is hidden',
      ooxml(DOCX, { [RELS]: relationship('attachedTemplate', '&#104;ttps://evil.example/a.dotm') }),
      'remote',
    ],
    [
      'one written in numbers with many zeros',
      ooxml(DOCX, { [RELS]: relationship('attachedTemplate', '&#x000000000068;ttps://evil.example/a.dotm') }),
      'remote',
    ],
    [
      'one whose address comes first and holds the end of a tag',
      ooxml(DOCX, { [RELS]: turned(relationship('attachedTemplate', 'https://evil.example/?>a.dotm')) }),
      'remote',
    ],
    [
      'one whose address holds a quote in numbers, and more',
      ooxml(DOCX, { [RELS]: turned(relationship('attachedTemplate', 'https://evil.example/?&#34;>a.dotm')) }),
      'remote',
    ],
    [
      'one whose address holds an attribute',
      ooxml(DOCX, {
        [RELS]: turned(relationship('attachedTemplate', "https://evil.example/? TargetMode='Internal' a.dotm")),
      }),
      'remote',
    ],
    [
      'a frame',
      ooxml(DOCX, { 'word/_rels/webSettings.xml.rels': relationship('frame', 'http://evil.example/') }),
      'remote',
    ],
    ['an entity', ooxml(DOCX, { [RELS]: '<!DOCTYPE a [<!ENTITY b "c">]>' }), 'unreadable'],
    [
      'relationships in UTF-16',
      ooxml(DOCX, {
        [RELS]: Buffer.from(relationship('attachedTemplate', 'https://evil.example/'), 'utf16le').toString('latin1'),
      }),
      'unreadable',
    ],
    ['one part twice', ooxml(DOCX, { 'Word/Document.xml': 'x' }), 'unreadable'],
  ])('S17 %s is not taken', async (_, content, why) => {
    expect([await typeOf(content), await whyNot(bytesOf(content))]).toEqual([null, why]);
  });

  it.each<[string, Buffer, string]>([
    ['an xls of tables and charts', xls([0, 2, 0]), 'application/vnd.ms-excel'],
    ['a large one', xls([0, 2, 0], { before: 8_000 }), 'application/vnd.ms-excel'],
    [
      'a docx with a link',
      ooxml(DOCX, {
        'word/_rels/document.xml.rels': relationship('hyperlink', 'https://example.com/vbaProject?oleObject'),
      }),
      WORD,
    ],
    [
      'a docx with a picture of elsewhere',
      ooxml(DOCX, { 'word/_rels/document.xml.rels': relationship('image', 'https://example.com/a.png') }),
      WORD,
    ],
    [
      'a docx with a template of its own computer',
      ooxml(DOCX, { [RELS]: relationship('attachedTemplate', 'file:///C:\\Templates\\letter.dotm') }),
      WORD,
    ],
    ['one of a Mac', ooxml(DOCX, { [RELS]: relationship('attachedTemplate', 'file:///Users/jana/letter.dotm') }), WORD],
    ['one without an address', ooxml(DOCX, { [RELS]: relationship('attachedTemplate', 'Normal.dotm') }), WORD],
    ['a docx with a chart', ooxml(DOCX, { 'word/embeddings/Microsoft_Excel_Sheet1.xlsx': 'PK' }), WORD],
    [
      'a docx that spells its parts otherwise',
      zip({ '[content_types].xml': '<Types/>', '/Word\\Document.xml': '<x/>' }),
      WORD,
    ],
  ])('%s is taken', async (_, content, type) => {
    expect([await typeOf(content), await whyNot(bytesOf(content))]).toEqual([type, 'unknown']);
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
    const begin = performance.now();
    await typeOf(content);
    // A second on a busy machine; what tries each place anew takes minutes.
    expect(performance.now() - begin).toBeLessThan(5_000);
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
        expect(type === null || isAttachmentType(type)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });
});
