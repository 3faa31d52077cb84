import { mkdirSync, writeFileSync } from 'node:fs';
import type { Plugin } from 'vite';

/** Notes which modules are in the pages, so that the licences of their packages go along with the bundle. */
export function siteModules(): Plugin {
  return {
    name: 'site-modules',
    apply: 'build',
    writeBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((output) => output.type === 'chunk');
      // Virtual modules begin with a NUL, and a query may follow a path.
      const ids = chunks.flatMap(({ moduleIds }) => moduleIds).map((id) => id.split('?')[0] as string);
      mkdirSync('dist', { recursive: true });
      writeFileSync('dist/site-modules.json', JSON.stringify([...new Set(ids.filter((id) => id.startsWith('/')))]));
    },
  };
}
