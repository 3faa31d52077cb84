import { brotliCompressSync } from 'node:zlib';
import type { Plugin, Rolldown } from 'vite';

/** Script that the browser loads before a page can be used, in bytes as sent (brotli). */
const LIMITS = { 'door.html': 10 * 1024, 'index.html': 120 * 1024 };

/** Words that only zod's code has. Its shapes weigh 30 kB: the browser imports their types, never the shapes. */
const ZOD = /ZodError|invalid_union/;

/** Fails the build when the first load of a page weighs too much, or has zod in it. */
export function budgets(): Plugin {
  return {
    name: 'budgets',
    apply: 'build',
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((output): output is Rolldown.OutputChunk => output.type === 'chunk');
      for (const chunk of chunks) if (ZOD.test(chunk.code)) this.error(`${chunk.fileName} has zod in it`);
      const worker = chunks.find(({ fileName }) => fileName === 'sw.js');
      // A classic worker cannot import: it must share no module with the pages.
      if (!worker || worker.imports.length > 0) this.error('sw.js is missing, or imports something');
      for (const [page, limit] of Object.entries(LIMITS)) {
        const entry = chunks.find(({ isEntry, facadeModuleId }) => isEntry && facadeModuleId?.endsWith(`/${page}`));
        if (!entry) this.error(`${page} has no script`);
        const bytes = firstLoad(entry, chunks).reduce((sum, { code }) => sum + brotliCompressSync(code).byteLength, 0);
        this.info(`${page}: ${kilobytes(bytes)} of script`);
        if (bytes > limit)
          this.error(`${page} has ${kilobytes(bytes)} of script, at most ${kilobytes(limit)} are allowed`);
      }
    },
  };
}

/** A chunk with all that it imports at once. */
function firstLoad(entry: Rolldown.OutputChunk, chunks: readonly Rolldown.OutputChunk[]): Rolldown.OutputChunk[] {
  const loaded = new Set([entry]);
  for (const { imports } of loaded) {
    for (const name of imports) {
      const chunk = chunks.find(({ fileName }) => fileName === name);
      if (chunk) loaded.add(chunk);
    }
  }
  return [...loaded];
}

const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} kB`;
