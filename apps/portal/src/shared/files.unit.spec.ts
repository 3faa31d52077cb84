import { MAX_ATTACHMENT_BYTES } from '@bellhop/contracts/constants';
import { describe, expect, it } from '@jest/globals';
import { ACCEPTED, fileProblem, fileSize } from './files.js';

describe('a file, before it is uploaded', () => {
  it.each([
    ['statement.pdf', 1, null],
    ['IMG_0001.HEIC', 1, null],
    ['photo.JPG', MAX_ATTACHMENT_BYTES, null],
    ['photo.jpg', MAX_ATTACHMENT_BYTES + 1, 'file.tooLarge'],
    ['photo.jpg', 0, 'file.empty'],
    ['setup.exe', 1, 'file.type'],
    ['page.html', 1, 'file.type'],
    ['picture.svg', 1, 'file.type'],
    ['archive.zip', 1, 'file.type'],
    ['noextension', 1, 'file.type'],
  ] as const)('%s of %i bytes: %s', (name, size, problem) => {
    expect(fileProblem({ name, size })).toBe(problem);
  });

  it('of a phone comes as JPEG: HEIC is not asked for', () => {
    expect(ACCEPTED).toContain('.jpg');
    expect(ACCEPTED).not.toMatch(/hei[cf]|hif/);
  });

  it.each([
    [212_000, 'en-GB', '212 kB'],
    [400, 'en-GB', '1 kB'],
    [3_400_000, 'de-DE', '3,4 MB'],
    [19_000_000, 'en-GB', '19 MB'],
  ])('%i bytes are said in %s as %s', (bytes, locale, shown) => {
    expect(fileSize(bytes, locale).replace('\u00a0', ' ')).toBe(shown);
  });
});
