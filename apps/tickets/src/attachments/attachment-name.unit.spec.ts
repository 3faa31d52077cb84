import { ATTACHMENT_TYPES, type AttachmentType } from '@bellhop/contracts/constants';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { contentHeaders } from '../downloads/content-headers.js';
import { attachmentName } from './attachment-name.js';

describe('the name of a file', () => {
  it.each<[string, AttachmentType, string]>([
    ['Kontoauszug März.pdf', 'application/pdf', 'Kontoauszug März.pdf'],
    ['对账单.PDF', 'application/pdf', '对账单.PDF'],
    ['photo.JPEG', 'image/jpeg', 'photo.JPEG'],
    ['archive.tar.txt', 'text/plain', 'archive.tar.txt'],
    ['a\u0301.txt', 'text/plain', 'á.txt'],
  ])('%j stays as it is', (given, type, name) => {
    expect(attachmentName(given, type)).toBe(name);
  });

  it.each<[string, AttachmentType, string]>([
    ['', 'image/png', 'file.png'],
    ['.png', 'image/png', 'png.png'],
    ['...', 'image/png', 'file.png'],
    ['noextension', 'image/png', 'noextension.png'],
    ['invoice.pdf.exe', 'application/pdf', 'invoice.pdf.exe.pdf'],
    ['evil.html', 'text/plain', 'evil.html.txt'],
    ['shell.pht', 'image/png', 'shell.pht.png'],
    ['table.csv', 'text/plain', 'table.csv.txt'],
    ['../../etc/passwd', 'text/plain', 'passwd.txt'],
    ['C:\\Windows\\win.txt', 'text/plain', 'win.txt'],
    ['\u202egnp.exe', 'image/png', 'gnp.exe.png'],
    ['a\u2066b\u200b\ufeff\u00ad.png', 'image/png', 'ab.png'],
    ['a\r\nBcc: b.png', 'image/png', 'aBcc_ b.png'],
    ['a"b<c>:d|e?f*.png', 'image/png', 'a_b_c__d_e_f_.png'],
    ['con.png', 'image/png', '_con.png'],
    ['LPT1', 'image/png', '_LPT1.png'],
    ['  a   b  .png ', 'image/png', 'a b.png'],
    ['-rf.png', 'image/png', 'rf.png'],
    ['\ud800x.png', 'image/png', 'x.png'],
  ])('%j becomes what is safe to show and to save', (given, type, name) => {
    expect(attachmentName(given, type)).toBe(name);
  });

  it('S17 made of any text is one short line without folders, with the extension of its type', () => {
    const types = Object.keys(ATTACHMENT_TYPES) as AttachmentType[];
    const text = fc.string({ unit: 'binary', maxLength: 300 });
    fc.assert(
      fc.property(text, fc.constantFrom(...types), (given, type) => {
        const name = attachmentName(given, type);
        expect(name).toMatch(/^[^\p{C}\p{Zl}\p{Zp}\\/:*?"<>|]+\.[a-z]+$/iu);
        expect(ATTACHMENT_TYPES[type]).toContain(name.split('.').at(-1)?.toLowerCase());
        expect([...name].length).toBeLessThanOrEqual(120);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(240);
        expect(name).not.toMatch(/^[. -]/);
        const { 'content-disposition': disposition } = contentHeaders({ name, type, sizeBytes: 1 });
        expect(disposition).toMatch(
          /^attachment; filename="[\x20-\x7e]+"; filename\*=UTF-8''[A-Za-z0-9%!#$&+\-.^_`|~]+$/,
        );
        expect(disposition.match(/"/g)).toHaveLength(2);
        expect(decodeURIComponent(disposition.split("UTF-8''")[1] as string)).toBe(name);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('the header of a download', () => {
  it('has the name in ASCII for all clients, and exactly for those that know RFC 8187', () => {
    expect(contentHeaders({ name: 'Żółw "ä".pdf', type: 'application/pdf', sizeBytes: 7 })).toMatchObject({
      'content-disposition': `attachment; filename="Zo_w _a_.pdf"; filename*=UTF-8''%C5%BB%C3%B3%C5%82w%20%22%C3%A4%22.pdf`,
    });
  });
});
