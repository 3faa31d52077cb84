import { brotliCompressSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { rolldown } from 'rolldown';
import * as constants from './index.js';

/** What a page would load of an entry point, all of it. */
async function bundled(entry: string): Promise<{ readonly modules: string[]; readonly code: string }> {
  const bundle = await rolldown({
    input: new URL(entry, import.meta.url).pathname,
    platform: 'browser',
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
  });
  // Its default is a function, which rolldown does not take from the sandbox of a test.
  const { output } = await bundle.generate({ minify: true, sourcemapIgnoreList: false });
  await bundle.close();
  const [{ code, moduleIds }] = output;
  return { code, modules: moduleIds };
}

describe('constants, for pages', () => {
  it('bring no zod along', async () => {
    const { modules } = await bundled('index.ts');
    expect(modules).toContainEqual(expect.stringContaining('limits.ts'));
    expect(modules.filter((module) => !module.includes('/constants/'))).toEqual([]);
  });

  it('have at most 2 kB, all together', async () => {
    const { code } = await bundled('index.ts');
    expect(code).toContain('20971520');
    expect(brotliCompressSync(code).length).toBeLessThanOrEqual(2_048);
  });

  it('are plain values', () => {
    const values = Object.values(constants);
    expect(values.length).toBeGreaterThan(20);
    expect(structuredClone(values)).toEqual(values);
  });
});

it('zod would be seen', async () => {
  const { modules } = await bundled('../persons/system.ts');
  expect(modules.some((module) => module.includes('/zod/'))).toBe(true);
});
