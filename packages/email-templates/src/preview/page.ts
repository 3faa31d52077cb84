import type { RenderedAlert } from '../alert.js';
import type { Sample } from './samples.js';

export interface View {
  sample: Sample;
  alert: RenderedAlert;
  width: string;
  scheme: string;
}

export const widths = ['320', '390', '640', '1280'] as const;
export const schemes = ['light', 'dark'] as const;

/** One mail with everything around it. Plain links, no script: each view has an address that can be passed on. */
export function page(view: View, samples: readonly Sample[]): string {
  const { sample, alert, width, scheme } = view;
  const frame = `/mail.html?id=${sample.id}&scheme=${scheme}`;
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${sample.id} · e-mail previews</title><style>${css}</style>
<nav>${navigation(view, samples)}</nav>
<main>
<p class="bar">${choices(view, 'width', widths)} ${choices(view, 'scheme', schemes)} <a href="${frame}">alone</a></p>
<dl><dt>Subject<dd>${escapeText(alert.subject)}<dt>Size<dd>${Buffer.byteLength(alert.html)} bytes of HTML</dl>
<iframe title="The mail" src="${frame}" width="${width}" height="820"></iframe>
<h2>Plain text</h2><pre lang="${alert.locale}">${escapeText(alert.text)}</pre>
</main></html>`;
}

function choices(view: View, name: 'width' | 'scheme', values: readonly string[]): string {
  return values.map((value) => link({ ...view, [name]: value }, view.sample.id, value, view[name] === value)).join(' ');
}

/** All samples, one line per template and reader, one link per language and form. */
function navigation(view: View, samples: readonly Sample[]): string {
  const lines = new Map<string, Sample[]>();
  for (const sample of samples) {
    const title = `${sample.variant.audience} · ${sample.variant.template}`;
    lines.set(title, [...(lines.get(title) ?? []), sample]);
  }
  return [...lines]
    .map(([title, members]) => {
      const links = members.map(({ id }) => link(view, id, id.split('.').slice(2).join(' '), id === view.sample.id));
      return `<h3>${title}</h3><p>${links.join(' ')}</p>`;
    })
    .join('');
}

function link({ width, scheme }: View, id: string, label: string, isCurrent: boolean): string {
  const current = isCurrent ? ' aria-current="page"' : '';
  return `<a${current} href="/?id=${id}&width=${width}&scheme=${scheme}">${label}</a>`;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

const css = `:root{color-scheme:light dark;font:14px/1.5 system-ui,sans-serif}
body{margin:0;display:grid;grid-template-columns:18rem minmax(0,1fr);min-height:100vh}
nav{padding:1rem;border-right:1px solid #8884;max-height:100vh;overflow:auto;position:sticky;top:0;box-sizing:border-box}
nav h3{font-size:13px;margin:.8rem 0 0}nav p{margin:.1rem 0}
main{padding:1rem 1.5rem}dl{display:grid;grid-template-columns:auto 1fr;gap:0 1rem;margin:0 0 1rem}dd{margin:0}
a{display:inline-block;padding:.1rem .4rem;border-radius:4px}a[aria-current]{background:#8a5a00;color:#fff;text-decoration:none}
iframe{border:1px solid #8886;max-width:100%;background:#fff}pre{white-space:pre-wrap;max-width:44rem}
@media(max-width:720px){body{display:block}nav{position:static;max-height:14rem}}`;
