import { createHash } from 'node:crypto';
import { palettes, resolveLocale } from '@bellhop/email-templates';
import { PAGE_WORDS } from './page-words.js';

/** What the page shows: a question with one button, or what has been done with the way back. */
export type PageState = 'ask' | 'muted' | 'undone' | 'gone' | 'too_many';

export interface PageContent {
  readonly state: PageState;
  readonly brand: string;
  readonly number: string;
  /** As the mail was in. */
  readonly locale: string | null;
  /** Where the button posts to, relative to the address of the page. */
  readonly action: string;
}

type Palette = (typeof palettes)['light'];

/** The colours of the mails. */
const colours = ({ page, card, ink, quiet, button, buttonInk }: Palette) =>
  `--page:${page};--card:${card};--ink:${ink};--quiet:${quiet};--button:${button};--button-ink:${buttonInk}`;

const STYLE = `
:root{color-scheme:light dark;${colours(palettes.light)}}
@media(prefers-color-scheme:dark){:root{${colours(palettes.dark)}}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;background:var(--page);color:var(--ink);font:17px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Noto Sans SC","PingFang SC",sans-serif}
main{max-width:34rem;margin:0 auto;padding:2rem 1rem}
.brand{margin:0 0 1rem;font-weight:600}
section{background:var(--card);border-radius:14px;padding:1.5rem}
h1{margin:0 0 .75rem;font-size:1.4rem;line-height:1.3}
p{margin:0 0 1.25rem}
section p:last-child{margin-bottom:0}
.quiet{margin:1.25rem 0 0;color:var(--quiet);font-size:.9rem}
button{font:inherit;font-weight:600;min-height:48px;padding:.6rem 1.2rem;border:0;border-radius:10px;background:var(--button);color:var(--button-ink);cursor:pointer}
button:focus-visible{outline:3px solid var(--ink);outline-offset:2px}`;

/** Of the one style that the page has; it has no script. */
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/**
 * Headers of the page. With `no-referrer`, as elsewhere, browsers would name no origin in the form's request, which is then taken for one
 * of a foreign page.
 */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'same-origin',
} as const;

export function unsubscribePage({ state, brand, number, locale, action }: PageContent): string {
  const language = resolveLocale(locale ?? undefined);
  const words = PAGE_WORDS[language];
  const say = (text: string) => escapeHtml(text.replace('{number}', () => number));
  const title = {
    ask: words.title,
    muted: words.title,
    undone: words.title,
    gone: words.goneTitle,
    too_many: words.tooManyTitle,
  }[state];
  const text = { ask: words.ask, muted: words.muted, undone: words.undone, gone: words.gone, too_many: words.tooMany }[
    state
  ];
  const label = { ask: words.mute, muted: words.undo, undone: words.mute, gone: null, too_many: null }[state];
  const form =
    label === null ? '' : `<form method="post" action="${escapeHtml(action)}"><button>${say(label)}</button></form>`;
  const note = label === null ? '' : `<p class="quiet">${say(words.codes)}</p>`;
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex"><title>${say(title)}</title><style>${STYLE}</style></head>
<body><main><p class="brand">${escapeHtml(brand)}</p><section><h1>${say(title)}</h1><p role="status">${say(text)}</p>${form}${note}</section></main></body></html>
`;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}
