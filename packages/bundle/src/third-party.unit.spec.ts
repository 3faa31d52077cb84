import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { packageFolderOf, thirdParty } from './third-party.js';

const place = mkdtempSync(join(tmpdir(), 'bellhop-third-party-'));
afterAll(() => rmSync(place, { recursive: true }));

function installed(
  manifest: { name: string; license?: string; author?: unknown; repository?: unknown },
  files: Record<string, string> = {},
) {
  const folder = join(place, 'node_modules', manifest.name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ version: '1.2.3', ...manifest }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

describe('THIRD-PARTY.txt', () => {
  it('has the licence of every package, and its notice, in order of their names', () => {
    const folders = [
      installed({ name: 'zebra', license: 'MIT' }, { 'LICENSE.md': 'the text of zebra' }),
      installed({ name: '@scope/ant', license: 'Apache-2.0' }, { LICENCE: 'the text of ant', NOTICE: 'a notice' }),
    ];
    const text = thirdParty(folders);
    expect(text.indexOf('@scope/ant 1.2.3 (Apache-2.0)')).toBeGreaterThan(0);
    expect(text.indexOf('zebra 1.2.3 (MIT)')).toBeGreaterThan(text.indexOf('@scope/ant'));
    for (const part of ['the text of zebra', 'the text of ant', 'a notice']) expect(text).toContain(part);
  });

  it.each([
    [{ name: 'Jana' }, 'Copyright Jana'],
    ['Jana <jana@example.com>', 'Copyright Jana <jana@example.com>'],
    [undefined, 'Copyright the authors of bare'],
  ])('has the text of MIT where a package only names it (author %j)', (author, copyright) => {
    const text = thirdParty([installed({ name: 'bare', license: 'MIT', author })]);
    expect(text).toContain(copyright);
    expect(text).toContain('THE SOFTWARE IS PROVIDED "AS IS"');
  });

  it('says where the source is of what is under MPL-2.0, as that asks', () => {
    const repository = { url: 'git+https://example.com/push.git' };
    const folder = installed({ name: 'push', license: 'MPL-2.0', repository }, { LICENSE: 'the text of MPL' });
    expect(thirdParty([folder])).toContain('Its source, unchanged: version 1.2.3 at https://example.com/push.git');
    expect(() => thirdParty([installed({ name: 'pull', license: 'MPL-2.0' })])).toThrow('names no repository');
  });

  it.each(['GPL-3.0-only', undefined])('is not written for a licence that nobody has decided on: %s', (license) => {
    const folder = installed({ name: 'other', ...(license && { license }) });
    expect(() => thirdParty([folder])).toThrow(`other 1.2.3 is under the licence "${license ?? 'none'}"`);
  });
});

describe('the package of a module', () => {
  it.each([
    ['/r/node_modules/pg/lib/index.js', '/r/node_modules/pg'],
    ['/r/node_modules/@nestjs/core/index.js', '/r/node_modules/@nestjs/core'],
    ['/r/node_modules/typeorm/node_modules/tslib/tslib.js', '/r/node_modules/typeorm/node_modules/tslib'],
    ['/r/packages/service/dist/index.js', undefined],
    ['\0rolldown/runtime.js', undefined],
  ])('%s is %s', (module, folder) => {
    expect(packageFolderOf(module)).toBe(folder);
  });
});
