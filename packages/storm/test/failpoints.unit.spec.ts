import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SourceTextModule } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { failpoints } from '../src/faults/failpoints.js';
import { parseOrders } from '../src/faults/parse-faults.js';
import { REPOSITORY } from '../src/faults/repository.js';
import { failpointsIn, withFailpoints, withReplacements } from '../src/faults/rewrite.js';
import { sabotages } from '../src/faults/sabotages.js';

const NAMES = Object.keys(failpoints);

describe('FAILPOINT', () => {
  it('says what happens at which call of which failpoint', () => {
    expect(parseOrders('intake.decided:1:kill, intake.claimed:20:throw,dispatch.sent:3:delay')).toEqual([
      { name: 'intake.decided', nth: 1, action: 'kill' },
      { name: 'intake.claimed', nth: 20, action: 'throw' },
      { name: 'dispatch.sent', nth: 3, action: 'delay', delayMs: 3_000 },
    ]);
    expect(parseOrders('dispatch.sent:3:delay:250')).toMatchObject([{ delayMs: 250 }]);
    expect(parseOrders('')).toEqual([]);
  });

  it.each([
    'intake.decided',
    'intake.decided:kill',
    'intake.decided:0:kill',
    'intake.decided:-1:kill',
    'intake.decided:1:explode',
    'intake.decided:1:kill:5',
    'intake.decided:1:delay:',
    'intake.decided:1:kill;intake.claimed:1:kill',
    'intake.decided:1:kill,',
    'toString:1:kill',
    'intake.declined:1:kill',
  ])('refuses %s', (setting) => {
    expect(() => parseOrders(setting)).toThrow(/^FAILPOINT has "/);
  });

  it('refuses unknown names by listing the known ones', () => {
    expect(() => parseOrders('intake.declined:1:kill')).toThrow(NAMES.join(', '));
  });
});

describe('the built files', () => {
  const built = builtFiles();
  const placed = built.flatMap(({ file, source }) => failpointsIn(source).map((name) => ({ name, file })));

  it('hold each failpoint of the manifest exactly once, and no other', () => {
    expect(placed.map(({ name }) => name).sort()).toEqual([...NAMES].sort());
  });

  it.each(placed)('$name stands in an async function: $file parses with a call in its place', ({ name, file }) => {
    const { source = '' } = built.find((one) => one.file === file) ?? {};
    const rewritten = withFailpoints(source);
    expect(rewritten).toContain(`await globalThis[Symbol.for('bellhop.failpoint')]('${name}');`);
    expect(rewritten.split('\n')).toHaveLength(source.split('\n').length);
    expect(() => new SourceTextModule(rewritten, { identifier: file })).not.toThrow();
  });

  it('a call outside an async function would not parse', () => {
    const rewritten = withFailpoints('function f() {\n  // failpoint: intake.decided\n}\n');
    expect(() => new SourceTextModule(rewritten)).toThrow('reserved word');
  });

  it('mention the runtime of failpoints nowhere but in the harness', () => {
    const naming = built.filter(({ file, source }) => !isHarness(file) && source.includes('bellhop.failpoint'));
    expect(naming.map(({ file }) => file)).toEqual([]);
  });

  it.each(Object.entries(sabotages))('%s finds what it replaces, and what it leaves parses', (_, { replacements }) => {
    for (const replacement of replacements) {
      const { source = '' } = built.find(({ file }) => file === replacement.file) ?? {};
      const sabotaged = withReplacements(source, [replacement]);
      expect(sabotaged).not.toBe(source);
      expect(sabotaged.split('\n')).toHaveLength(source.split('\n').length);
      expect(() => new SourceTextModule(withFailpoints(sabotaged))).not.toThrow();
    }
  });

  it('a replacement whose text is missing, or stands there twice, fails loudly', () => {
    const replacement = { file: 'a.js', find: 'x()', replace: 'y()' };
    expect(() => withReplacements('z();', [replacement])).toThrow('"x()" in a.js, which contains it 0 times, not once');
    expect(() => withReplacements('x(); x();', [replacement])).toThrow('2 times, not once');
  });
});

function isHarness(file: string): boolean {
  return file.startsWith('packages/storm/');
}

/** Without what an earlier build left of sources that are gone. */
function builtFiles(): { file: string; source: string }[] {
  const root = fileURLToPath(REPOSITORY);
  return ['apps', 'packages']
    .flatMap((folder) => readdirSync(`${root}${folder}`).map((name) => `${folder}/${name}/dist/`))
    .filter((folder) => existsSync(`${root}${folder}`))
    .flatMap((folder) => readdirSync(`${root}${folder}`, { recursive: true }).map((name) => `${folder}${name}`))
    .filter((file) => file.endsWith('.js') && (hasSource(root + file, '.ts') || hasSource(root + file, '.tsx')))
    .map((file) => ({ file, source: readFileSync(`${root}${file}`, 'utf8') }));
}

function hasSource(file: string, ending: string): boolean {
  return existsSync(file.replace('/dist/', '/src/').replace(/\.js$/, ending));
}
