import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { gif, isoMedia, jpeg, ole, ooxml, openDocument, pdf, png, webp, zip } from '../../../test/sample-files.js';
import { isAttachmentType } from './attachment-types.js';
import { sniff } from './sniff.js';

const typeOf = (content: string | Buffer) => {
  const bytes = Buffer.from(content as string);
  return sniff({
    sizeBytes: bytes.length,
    read: async (position, length) => bytes.subarray(position, position + length),
  });
};

const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
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
    ['UTF-16', Buffer.from('\ufeffHello', 'utf16le')],
    ['a text with a NUL', 'a\0b'],
    ['a text that drives a terminal', 'a\u001b[2Jb'],
    ['a text that is cut in a character', Buffer.from('é'.repeat(70_000)).subarray(0, -1)],
  ])('%s is none of ours', async (_, content) => {
    expect(await typeOf(content)).toBeNull();
  });
});

describe('S17 what a program could run or show as a page', () => {
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
    'harmless\n\n<script>alert(1)</script>',
    '/* a */ <html> /* b */',
    'a %PDF-1.4 further in',
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

describe('any bytes', () => {
  it('are one of the types or none, and never a surprise', async () => {
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
