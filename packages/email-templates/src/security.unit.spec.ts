import { describe, expect, it } from '@jest/globals';
import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import { canHavePhrase } from './alert.js';
import { type AlertContent, type Audience, locales, renderAlert, templates } from './index.js';

const content: AlertContent = {
  number: '7K4M2Q',
  link: 'https://support.example.com/t/abc?a=1&b=2',
  brand: 'Bellhop',
  at: new Date('2026-11-24T13:30:00Z'),
  timezone: 'Europe/Berlin',
};

const audiences = Object.keys(templates) as Audience[];
const everyMail = locales.flatMap((locale) =>
  audiences.flatMap((audience) =>
    templates[audience].flatMap((template) =>
      (canHavePhrase(audience) ? [undefined, 'blue teapot 42'] : [undefined]).map(
        (phrase) => [template, audience, locale, phrase] as const,
      ),
    ),
  ),
);

interface Element {
  name: string;
  attributes: Record<string, string>;
}

/** All elements as a browser would see them. */
function elementsOf(html: string): Element[] {
  const walk = (node: DefaultTreeAdapterTypes.Node): Element[] => [
    ...('tagName' in node
      ? [{ name: node.tagName, attributes: Object.fromEntries(node.attrs.map(({ name, value }) => [name, value])) }]
      : []),
    ...('childNodes' in node ? node.childNodes.flatMap(walk) : []),
  ];
  return walk(parse(html));
}

const payloads = [
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '</title><script>alert(1)</script>',
  '</style><a href="https://evil.example">click</a>',
  '<!--',
  '&lt;b&gt;',
  '\uE000link\uE001',
];

describe('S14 nothing that is filled in becomes markup', () => {
  it.each(everyMail)('"%s" for a %s in %s, with the phrase %p', (template, audience, locale, phrase) => {
    const plain = elementsOf(renderAlert(template, audience, { ...content, locale, phrase }).html);
    for (const payload of payloads) {
      const link = `https://support.example.com/${payload}?q=${payload}#${payload}`;
      const { html, subject } = renderAlert(template, audience, {
        ...content,
        locale,
        number: payload,
        brand: payload,
        link,
        phrase: phrase && payload,
      });
      const links = new URL(link).href;
      expect(elementsOf(html)).toEqual(
        plain.map(({ name, attributes }) => ({
          name,
          attributes: {
            ...attributes,
            ...(attributes.href ? { href: links } : {}),
            ...(attributes['aria-label'] ? { 'aria-label': subject } : {}),
          },
        })),
      );
    }
  });
});

it.each([
  'javascript:alert(1)',
  ' javascript:alert(1)',
  'java\nscript:alert(1)',
  'data:text/html,x',
  'mailto:a@example.com',
  'file:///etc/passwd',
  'ftp://example.com/',
  '//evil.example/t',
  '/t/abc',
  'https:',
  'https://',
  'https://bank.example@evil.example/',
  'https://:x@evil.example/',
  '',
])('S14 refuses the link %p', (link) => {
  expect(() => renderAlert('replied', 'guest', { ...content, link })).toThrow(
    expect.objectContaining({ code: 'link_not_allowed' }),
  );
});

describe('S30 no mail loads anything', () => {
  it.each(everyMail)('"%s" for a %s in %s, with the phrase %p', (template, audience, locale, phrase) => {
    const { html } = renderAlert(template, audience, { ...content, locale, phrase });
    const loading = [
      'img',
      'link',
      'script',
      'iframe',
      'object',
      'embed',
      'video',
      'audio',
      'source',
      'base',
      'form',
      'svg',
    ];
    for (const { name, attributes } of elementsOf(html)) {
      expect(loading).not.toContain(name);
      expect(Object.keys(attributes)).not.toEqual(
        expect.arrayContaining([expect.stringMatching(/^(src|srcset|background|on.*)$/)]),
      );
      expect(attributes.style ?? '').not.toMatch(/url\(|@import|expression/i);
    }
    expect(html).not.toMatch(/url\(|@import|@font-face/i);
  });
});

describe('S32 every mail leads to one host only, and to one address', () => {
  it.each(everyMail)('"%s" for a %s in %s, with the phrase %p', (template, audience, locale, phrase) => {
    const { html, text, subject } = renderAlert(template, audience, { ...content, locale, phrase });
    const links = elementsOf(html).flatMap(({ attributes }) => attributes.href ?? []);
    expect(links).toEqual([content.link, content.link]);
    expect(text.match(/\w+:\/\/\S+/g)).toEqual([content.link]);
    expect(subject).not.toMatch(/:\/\//);
    // The address in the document type is a name that nothing follows.
    expect(new Set(html.slice(html.indexOf('<html')).match(/\w+:\/\/[^/"]+/g))).toEqual(
      new Set(['https://support.example.com']),
    );
  });
});

describe('S32 no phrase becomes a link where a mail client looks for addresses', () => {
  it.each([
    'https://evil.example/t',
    'HTTP:evil.example',
    'see www.evil.example',
    'teapot.evil.example',
    'evil。example',
    'evil．example',
    'evil｡example',
    'blue@evil.example',
    'mailto:blue@evil.example',
    'blue:teapot@evil.example',
    '@evil.example #480217',
  ])('%p', (phrase) => {
    const { html, text } = renderAlert('replied', 'customer', { ...content, phrase });
    const shown = /font-weight:600;[^>]*>([^<]*evil[^<]*)</.exec(html)?.[1];
    expect(shown?.replaceAll('\u200C', '')).toBe(phrase);
    expect(text).toContain(`: ${shown}\n`);
    expect(shown).not.toMatch(/[.。．｡:@][^\s\u200C]/);
    // What a client might take for a host all the same is none.
    for (const word of shown!.split(/[\s/@]+/).filter((part) => part.includes('evil'))) {
      expect(URL.canParse(`https://${word}/`)).toBe(false);
    }
  });
});

it('S3 fills in nothing but the closed list', () => {
  const canary = 'canary-4711';
  const stranger = {
    ...content,
    title: canary,
    body: canary,
    message: canary,
    name: canary,
    children: canary,
    copy: canary,
  };
  for (const [template, audience, locale] of everyMail) {
    expect(JSON.stringify(renderAlert(template, audience, { ...stranger, locale }))).not.toContain(canary);
  }
});

describe('every mail', () => {
  it.each(everyMail)(
    'says whose language it is in, and has one heading and a title: "%s" for a %s in %s, with the phrase %p',
    (template, audience, locale, phrase) => {
      const { html, subject } = renderAlert(template, audience, { ...content, locale, phrase });
      const elements = elementsOf(html);
      expect(elements.find(({ name }) => name === 'html')?.attributes).toEqual({ lang: locale, dir: 'ltr' });
      const article = elements.find(({ attributes }) => attributes.role === 'article');
      expect(article?.attributes).toEqual({ role: 'article', 'aria-label': subject, lang: locale, dir: 'ltr' });
      expect(elements.filter(({ name }) => name === 'h1')).toHaveLength(1);
      expect(html).toContain(`<title>${subject}</title>`);
      for (const { name, attributes } of elements) if (name === 'table') expect(attributes.role).toBe('presentation');
    },
  );
});
