import type { RenderedAlert, Variant } from '../alert.js';
import { locales } from '../locales.js';
import type { Sample } from './samples.js';

export interface View {
  sample: Sample;
  alert: RenderedAlert;
  preheader: string;
  width: string;
  scheme: string;
}

export const widths = ['320', '390', '640', '1280'] as const;
export const schemes = ['light', 'dark'] as const;

/** One mail with everything around it. Plain links, no script: each view has an address that can be passed on. */
export function page(view: View, samples: readonly Sample[]): string {
  const { sample, alert, preheader, width, scheme } = view;
  const query = `id=${sample.id}&amp;scheme=${scheme}`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${sample.id} · e-mail previews</title><style>${css}</style>
<nav aria-label="Mails"><h1>E-mail previews</h1>${navigation(view, samples)}</nav>
<main>
<div class="bar">${toolbar(view, samples)}</div>
<h2>In a list of mails</h2>
<p class="inbox" lang="${alert.locale}"><b>${escapeText(sample.values.brand)}</b>
<span>${escapeText(alert.subject)}</span> <span class="quiet">${escapeText(preheader)}</span></p>
<h2>The mail <small>${Buffer.byteLength(alert.html)} bytes of HTML · <a href="/mail.html?${query}">on its own</a></small></h2>
<div class="frame" tabindex="0" role="region" aria-label="The mail, scrolls sideways"><iframe title="The mail" src="/mail.html?${query}" style="width:${width}px"></iframe></div>
<h2>Plain text <small><a href="/mail.txt?id=${sample.id}">on its own</a></small></h2>
<pre lang="${alert.locale}">${escapeText(alert.text)}</pre>
</main></html>`;
}

/** Every mail of every reader, in the language that is being looked at. */
function navigation(view: View, samples: readonly Sample[]): string {
  const readers = new Map<string, Map<string, string>>();
  for (const { variant } of samples) {
    const { audience, template } = variant;
    const links = readers.get(audience) ?? new Map<string, string>();
    const isCurrent = audience === view.sample.variant.audience && template === view.sample.variant.template;
    links.set(template, link(view, nearest(view, samples, { audience, template }), template, isCurrent));
    readers.set(audience, links);
  }
  return [...readers]
    .map(([reader, links]) => `<h2>${readable(reader)}</h2><p>${[...links.values()].join(' ')}</p>`)
    .join('');
}

function toolbar(view: View, samples: readonly Sample[]): string {
  const { variant } = view.sample;
  const languages = locales.map((locale) =>
    link(view, nearest(view, samples, { locale }), locale, locale === variant.locale),
  );
  const forms = samples
    .filter((other) => isAlike(other.variant, variant) && other.form !== '')
    .map((other) => link(view, other, other.form, other === view.sample));
  return [
    choice('Language', languages),
    choice('Form', forms),
    choice('Width', options(view, 'width', widths)),
    choice('Scheme', options(view, 'scheme', schemes)),
  ].join('');
}

function choice(name: string, links: readonly string[]): string {
  return links.length === 0 ? '' : `<p><span>${name}</span> ${links.join(' ')}</p>`;
}

function options(view: View, name: 'width' | 'scheme', values: readonly string[]): string[] {
  return values.map((value) => link({ ...view, [name]: value }, view.sample, value, view[name] === value));
}

/** The sample that differs from the current one in what is wanted and, if possible, in nothing else. */
function nearest({ sample }: View, samples: readonly Sample[], wanted: Partial<Variant>): Sample {
  const alike = samples.filter(({ variant }) => isAlike(variant, { ...sample.variant, ...wanted }));
  return alike.find(({ form }) => form === sample.form) ?? alike.at(-1) ?? sample;
}

function isAlike(one: Variant, other: Variant): boolean {
  return one.template === other.template && one.audience === other.audience && one.locale === other.locale;
}

function link({ width, scheme }: View, { id }: Sample, label: string, isCurrent: boolean): string {
  const current = isCurrent ? ' aria-current="page"' : '';
  return `<a${current} href="/?id=${id}&amp;width=${width}&amp;scheme=${scheme}">${readable(label)}</a>`;
}

function readable(name: string): string {
  return name.replaceAll('_', ' ');
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

const css = `:root{color-scheme:light dark;font:14px/1.5 system-ui,sans-serif;--line:#8884;--quiet:light-dark(#666,#aaa);--accent:light-dark(#8a5a00,#e5b565)}
body{margin:0;background:light-dark(#fff,#141311);color:light-dark(#1d1b18,#f1eee8);display:grid;grid-template-columns:14rem minmax(0,1fr);min-height:100vh}
nav{padding:.25rem 1rem 1rem;border-right:1px solid var(--line);height:100vh;overflow:auto;position:sticky;top:0;box-sizing:border-box}
nav a{display:block}nav p{margin:0 -.5rem}main{padding:1rem 1.5rem 3rem}
h1{font-size:15px;margin:.75rem 0}h2{font-size:13px;font-weight:600;margin:1.25rem 0 .4rem}h2 small{font-weight:400;color:var(--quiet)}nav h2:first-letter{text-transform:uppercase}
a{color:var(--accent)}nav a,.bar a{padding:.15rem .5rem;border-radius:6px;color:inherit;text-decoration:none}nav a:hover,.bar a:hover{background:#8882}
nav a[aria-current],.bar a[aria-current]{background:var(--accent);color:light-dark(#fff,#1d1b18)}a:focus-visible,.frame:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.bar{display:flex;flex-wrap:wrap;gap:.5rem 1.5rem}.bar p{margin:0}.bar a{display:inline-block}.bar span,.quiet{color:var(--quiet)}
.inbox{margin:0;max-width:44rem;padding:.6rem .9rem;border:1px solid var(--line);border-radius:8px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}.inbox b{margin-right:1rem}
.frame{overflow-x:auto}iframe{display:block;box-sizing:content-box;height:820px;border:1px solid var(--line);border-radius:8px;background:#fff padding-box}
pre{margin:0;padding:.9rem;border:1px solid var(--line);border-radius:8px;max-width:44rem;box-sizing:border-box;white-space:pre-wrap;overflow-wrap:anywhere}
@media(max-width:720px){body{display:block}nav{position:static;height:auto;border:0;border-bottom:1px solid var(--line);padding-bottom:.6rem}nav h2{margin:.5rem 0 0}nav a{display:inline-block}main{padding:1rem}.inbox{white-space:normal}.inbox b,.inbox span{display:block}}`;
