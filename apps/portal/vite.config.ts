import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { budgets } from './vite/budgets.js';
import { catalogs } from './vite/catalogs.js';
import { doorPages } from './vite/door-pages.js';
import { siteModules } from './vite/site-modules.js';

/** Where `npm run dev` sends what is not a page: the edge of a running `npm run up`. */
const edge = process.env.PORTAL_EDGE ?? 'http://127.0.0.1:3000';

export default defineConfig({
  plugins: [catalogs(), react({ exclude: /src\/door\// }), tailwindcss(), doorPages(), budgets(), siteModules()],
  resolve: {
    // Catalogs are compiled in the build: the browser needs no parser of ICU messages.
    alias: {
      '@formatjs/icu-messageformat-parser': '@formatjs/icu-messageformat-parser/no-parser.js',
    },
  },
  build: {
    outDir: 'dist/site',
    emptyOutDir: true,
    target: 'es2022',
    // Its script would stand in the page, which the content security policy refuses.
    modulePreload: { polyfill: false },
    // Nothing becomes a `data:` address: the policy allows them for pictures only.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: ['index.html', 'door.html', 'src/worker/sw.ts'],
      // The worker keeps its address, by which browsers know it.
      output: { entryFileNames: ({ name }) => (name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
    },
  },
  server: { port: 5173, proxy: { '/api': edge, '/auth': edge } },
});
