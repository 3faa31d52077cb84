/** A step of the build: writes `<file>.br` and `<file>.gz` beside each text file of `dist/site`, as far as they are smaller. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const site = new URL('./site/', import.meta.url);
const TEXT = /\.(html|js|css|json|svg|webmanifest|txt)$/;

for (const name of readdirSync(site, { recursive: true, encoding: 'utf8' })) {
  if (!TEXT.test(name)) continue;
  const bytes = readFileSync(new URL(name, site));
  const compressed = {
    br: brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }),
    gz: gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION }),
  };
  for (const [ending, smaller] of Object.entries(compressed))
    if (smaller.length < bytes.length) writeFileSync(new URL(`${name}.${ending}`, site), smaller);
}
