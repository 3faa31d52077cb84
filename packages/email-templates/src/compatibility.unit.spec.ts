import { expect, it } from '@jest/globals';
import { caniemail } from 'caniemail';
import { allSamples } from './preview/samples.js';
import { renderCompiled } from './render-alert.js';

/**
 * What mails use although some mail client drops it (https://www.caniemail.com), and what its readers then see. Anything else that
 * a client does not support fails the test below: do without it, or add it here with a reason that holds for every such client.
 */
const accepted: Record<string, string> = {
  '<style> element':
    'Every element has its style in an attribute, too. Lost: dark colours and the wide button of narrow screens.',
  '@media': 'As without <style>.',
  'Type selector': 'As without <style>: only where lines break.',
  'Class selector': 'As without <style>.',
  'Child combinator': 'As without <style>: the padding and the dark colour around the card.',
  '!important keyword': 'As without <style>: the attribute wins, so the mail stays light.',
  '<body> element':
    'Becomes a <div>; the page colour is also on the cell within it. (caniemail takes <tbody> for it, too.)',
  'text-wrap': 'Lines break less evenly.',
  'word-break':
    'A Chinese date may break inside the name of the day. A phrase of sixty letters without a space makes the card wider.',
  'white-space': 'Six digits of a code have no space to break at.',
  'border-radius': 'Square corners.',
  opacity: 'One of six ways in which the preheader is hidden.',
  overflow: 'One of six ways in which the preheader is hidden.',
  'display:none': 'One of six ways in which the preheader is hidden.',
  'height property': 'The mark beside the brand is not seen. (caniemail takes `line-height` for it, too.)',
  'text-decoration': 'A link keeps its colour and weight.',
  'text-decoration-line': 'Written by react-email before our `text-decoration`, which is what counts.',
  'target attribute': 'Written by react-email. Such a client decides by itself where a link opens.',
  'width attribute': 'Written by react-email. The card is as wide as its text.',
  'role attribute': 'Screen readers announce tables that are for layout only.',
  'aria-label attribute': 'Screen readers do not announce the subject again.',
  'aria-hidden attribute': 'Screen readers may read the preheader, a sentence that the mail says anyway.',
  'lang attribute': 'Screen readers take the language of the page around the mail.',
};

/** The features that at least one client does not support, in a mail and in its style sheet. */
function unsupportedIn(html: string): Set<string> {
  const { issues } = caniemail({ clients: ['*'], html: unwrapMedia(html) });
  return new Set([...issues.errors.values()].flatMap((found) => found.map(({ title }) => title)));
}

/** caniemail does not look inside `@media`, so the rules within are put behind it. */
function unwrapMedia(html: string): string {
  return html.replace(/(@media[^{]+\{)((?:[^{}]+\{[^{}]*\})*)\}/g, '$1}$2');
}

const mails = allSamples().map(({ id, variant, values }) => [id, renderCompiled(variant, values).html] as const);
const used = new Set<string>();

it.each(mails)('%s uses nothing that a mail client drops with a loss', (_, html) => {
  const unsupported = unsupportedIn(html);
  for (const feature of unsupported) used.add(feature);
  expect([...unsupported].filter((feature) => !(feature in accepted))).toEqual([]);
});

it('accepts no feature that all clients support by now, or no mail uses any more', () => {
  expect(Object.keys(accepted).filter((feature) => !used.has(feature))).toEqual([]);
});

it("finds what react-email's linter looks for: every link is absolute and https, and there is no image", () => {
  for (const [, html] of mails) {
    for (const [, href] of html.matchAll(/<a\b[^>]*\bhref="([^"]*)"/g)) expect(new URL(href!).protocol).toBe('https:');
    expect(html).not.toMatch(/<img\b/);
  }
});
