import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

const BUNDLER = fileURLToPath(new URL('../dist/main.js', import.meta.url));

let place: string;
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'bellhop-bundle-'));
  write('app/package.json', JSON.stringify({ name: 'an-app', version: '1.0.0', type: 'module' }));
});
afterEach(() => rmSync(place, { recursive: true }));

function write(file: string, text: string): void {
  mkdirSync(dirname(join(place, file)), { recursive: true });
  writeFileSync(join(place, file), text);
}

function bundle(): { status: number | null; stderr: string } {
  return spawnSync(process.execPath, [BUNDLER], { cwd: join(place, 'app'), encoding: 'utf8' });
}

/** Runs a program of the bundle where nothing else lies around it. */
function run(program: string): string {
  cpSync(join(place, 'app/bundle'), join(place, 'image'), { recursive: true });
  for (const folder of ['app', 'node_modules']) rmSync(join(place, folder), { recursive: true, force: true });
  const args = ['--enable-source-maps', join(place, 'image/dist', program)];
  return execFileSync(process.execPath, args, { encoding: 'utf8' });
}

describe('the bundle of an app', () => {
  it('runs without any package, and has the licences of those that are inside', () => {
    write(
      'node_modules/dep/package.json',
      JSON.stringify({ name: 'dep', version: '2.0.0', license: 'ISC', main: 'i.js' }),
    );
    write('node_modules/dep/LICENSE', 'the text of dep');
    write('node_modules/dep/i.js', `module.exports = { here: __dirname, join: require('node:path').join };`);
    write('app/dist/main.js', `import { join } from 'dep'; console.log(join('a', 'b'));`);
    expect(bundle()).toMatchObject({ status: 0 });
    expect(readFileSync(join(place, 'app/bundle/THIRD-PARTY.txt'), 'utf8')).toMatch(
      /dep 2\.0\.0 \(ISC\)[\s\S]*the text of dep/,
    );
    expect(run('main.js')).toBe('a/b\n');
  });

  it('has the pages that browsers get, and the licences of the packages in them', () => {
    const manifest = { name: 'in-pages', version: '3.0.0', license: 'MIT' };
    write('node_modules/in-pages/package.json', JSON.stringify(manifest));
    write(
      'app/dist/main.js',
      `import { existsSync } from 'node:fs';
      console.log(existsSync(new URL('./site/assets/a.js', import.meta.url)));`,
    );
    write('app/dist/site/assets/a.js', '');
    write('app/dist/site-modules.json', JSON.stringify([join(place, 'node_modules/in-pages/i.js'), '/src/own.ts']));
    expect(bundle()).toMatchObject({ status: 0 });
    expect(readFileSync(join(place, 'app/bundle/THIRD-PARTY.txt'), 'utf8')).toContain('in-pages 3.0.0 (MIT)');
    expect(run('main.js')).toBe('true\n');
  });

  it('keeps the names of classes, also where two have the same', () => {
    const decorated = `let Same = class Same {}; Same = ((one) => one)(Same); export { Same };`;
    write('app/dist/a.js', decorated);
    write('app/dist/b.js', decorated);
    write('app/dist/c.js', 'export class Same {}');
    write(
      'app/dist/main.js',
      `import { Same as A } from './a.js'; import { Same as B } from './b.js'; import { Same as C } from './c.js';
       console.log(A.name, B.name, C.name);`,
    );
    bundle();
    expect(run('main.js')).toBe('Same Same Same\n');
  });

  it('leaves what is not installed an import that fails when it is reached', () => {
    write(
      'app/dist/main.js',
      `for (const load of [() => import('kafkajs'), () => import('@react-email/render')])
         await load().catch(({ code }) => console.log(code));`,
    );
    expect(bundle()).toMatchObject({ status: 0 });
    expect(run('main.js')).toBe('ERR_MODULE_NOT_FOUND\nERR_MODULE_NOT_FOUND\n');
  });

  it('holds what the app depends on itself, though other apps leave it out', () => {
    write('node_modules/@fastify/static/package.json', JSON.stringify({ name: '@fastify/static', license: 'MIT' }));
    write('node_modules/@fastify/static/index.js', 'module.exports = 7;');
    write('app/package.json', JSON.stringify({ type: 'module', dependencies: { '@fastify/static': '*' } }));
    write('app/dist/main.js', `import files from '@fastify/static'; console.log(files);`);
    expect(bundle()).toMatchObject({ status: 0 });
    expect(run('main.js')).toBe('7\n');
  });

  it('is not made when anything else cannot be found', () => {
    write('app/dist/main.js', `import('misspelled').catch(() => undefined);`);
    const { status, stderr } = bundle();
    expect(status).not.toBe(0);
    expect(stderr).toContain('misspelled');
  });

  it('has the programs that the app has, each by itself, and the data beside its code', () => {
    write('app/dist/main.js', `import { text } from './text.js'; console.log(text);`);
    write('app/dist/provision.js', `import { text } from './text.js'; console.log(text.length);`);
    write(
      'app/dist/text.js',
      `import { readFileSync } from 'node:fs';
       export const text = JSON.parse(readFileSync(new URL('../dist/text.json', import.meta.url), 'utf8'));`,
    );
    write('app/dist/text.json', '"four"');
    bundle();
    expect(existsSync(join(place, 'app/bundle/dist/seed.js'))).toBe(false);
    rmSync(join(place, 'app/bundle/dist/main.js'));
    expect(run('provision.js')).toBe('4\n');
  });

  it('has stack traces that name our sources', () => {
    write(
      'app/dist/main.js',
      `throwing();\nfunction throwing() { console.log(new Error('x').stack); }\n//# sourceMappingURL=main.js.map`,
    );
    const map = { version: 3, sources: ['../src/main.ts'], names: [], mappings: 'AAAA;AASA' };
    write('app/dist/main.js.map', JSON.stringify(map));
    bundle();
    expect(run('main.js')).toMatch(/src\/main\.ts:10:/);
  });
});
