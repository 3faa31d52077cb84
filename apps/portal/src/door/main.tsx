/** @jsxImportSource preact */
import { hydrate } from 'preact';
import type { Language } from '../shared/languages.js';
import { Door } from './door.js';
import type { Words } from './words.js';

const root = document.getElementById('door') as HTMLElement;
const language = document.documentElement.lang as Language;
// Only those of this language, and without a second request.
const words = JSON.parse(root.dataset.words ?? '') as Words;
const [, , link = ''] = location.pathname.split('/');

// The pages behind the door speak the language that was chosen here.
if (new URLSearchParams(location.search).has('lang')) {
  try {
    localStorage.setItem('bellhop.language', language);
  } catch {
    // The browser keeps nothing: then it is asked again.
  }
}

/** The ticket's page comes from the cache when the code has been typed. */
function prefetch(): void {
  for (const href of root.dataset.next?.split(' ').filter(Boolean) ?? []) {
    document.head.append(Object.assign(document.createElement('link'), { rel: 'prefetch', href }));
  }
  delete root.dataset.next;
}

/** Replaces the page, so that "back" does not lead to the door again, and the link is in no history. */
const open = (ticketId: string) => location.replace(`/tickets/${ticketId}`);

hydrate(
  <Door words={words} language={language} link={decodeURIComponent(link)} onAsk={prefetch} onOpen={open} />,
  root,
);
