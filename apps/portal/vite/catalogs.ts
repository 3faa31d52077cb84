import { parse } from '@formatjs/icu-messageformat-parser';
import type { Plugin } from 'vite';

/** Compiles `src/messages/*.json`: id → ICU message becomes id → its syntax tree, which is what the browser formats. */
export function catalogs(): Plugin {
  return {
    name: 'catalogs',
    enforce: 'pre',
    transform: {
      filter: { id: /\/src\/messages\/[\w-]+\.json$/ },
      handler(json) {
        const messages = Object.entries(JSON.parse(json) as Record<string, string>);
        const compiled = messages.map(([id, message]) => [id, parse(message, { ignoreTag: false })]);
        return { code: `export default ${JSON.stringify(Object.fromEntries(compiled))}`, moduleType: 'js' };
      },
    },
  };
}
