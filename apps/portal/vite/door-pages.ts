import { h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import type { Plugin, Rolldown } from 'vite';
import { Door } from '../src/door/door.js';
import { WORDS } from '../src/door/words.js';
import { type Language, languageOf, languages } from '../src/shared/languages.js';

/**
 * `door.html` once per language: `door.en.html`, `door.de.html`, …, each with the first step in it, so that it can be read before any
 * script runs. In development `/t/…` is made on request, and every other page's address gets `index.html` as from the edge.
 */
export function doorPages(): Plugin {
  return {
    name: 'door-pages',
    configureServer(server) {
      server.middlewares.use((request, _response, next) => {
        if (request.url?.startsWith('/t/'))
          request.url = `/door.html${new URL(request.url, 'http://localhost').search}`;
        next();
      });
    },
    transformIndexHtml(html, { path, server, originalUrl }) {
      if (!server || path !== '/door.html') return html;
      const wanted = new URL(originalUrl ?? path, 'http://localhost').searchParams.get('lang');
      return pageOf(html, languageOf([wanted]), []);
    },
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        const page = bundle['door.html'];
        if (page?.type !== 'asset') this.error('door.html is missing');
        delete bundle['door.html'];
        for (const language of languages) {
          const source = pageOf(String(page.source), language, nextOf(bundle, language));
          this.emitFile({ type: 'asset', fileName: `door.${language}.html`, source });
        }
      },
    },
  };
}

function pageOf(template: string, language: Language, next: readonly string[]): string {
  const words = WORDS[language];
  const holes: Record<string, string> = {
    title: words.title,
    words: escaped(JSON.stringify(words)),
    next: next.join(' '),
    door: renderToString(h(Door, { language, words })),
  };
  const page = template.replace('<html lang="en">', `<html lang="${language}">`);
  return page.replace(/\{\{(\w+)\}\}/g, (_hole, name: string) => holes[name] ?? '');
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');

/** What the page of a ticket loads, in this language. */
function nextOf(bundle: Rolldown.OutputBundle, language: Language): string[] {
  const wanted = ['/index.html', '/ticket-page.tsx', `/messages/${language}.json`];
  const found = new Set<string>();
  const take = (fileName: string): void => {
    const chunk = bundle[fileName];
    if (found.has(fileName) || chunk?.type !== 'chunk') return;
    found.add(fileName);
    for (const style of chunk.viteMetadata?.importedCss ?? []) found.add(style);
    chunk.imports.forEach(take);
  };
  for (const output of Object.values(bundle)) {
    if (output.type === 'chunk' && wanted.some((end) => output.facadeModuleId?.endsWith(end))) take(output.fileName);
  }
  return [...found].map((fileName) => `/${fileName}`);
}
