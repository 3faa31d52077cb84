import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MessageFormatElement, parse, TYPE } from '@formatjs/icu-messageformat-parser';
import { describe, expect, it } from '@jest/globals';
import { languages } from '../shared/languages.js';

const catalog = (language: string): Record<string, string> =>
  JSON.parse(readFileSync(new URL(`${language}.json`, import.meta.url), 'utf8'));
const en = catalog('en');

/** Names of values, and of tags, with how often each of these occurs. */
function holesOf(elements: readonly MessageFormatElement[]): string[] {
  return elements.flatMap((element) => {
    if (element.type === TYPE.tag) return [`<${element.value}>`, ...holesOf(element.children)];
    if (element.type === TYPE.argument) return [`{${element.value}}`];
    if (element.type !== TYPE.plural) return [];
    const inside = Object.values(element.options).flatMap(({ value }) => holesOf(value));
    return [`{${element.value}}`, ...new Set(inside)];
  });
}

/** The categories of plural that a message names. */
const pluralsOf = (message: string) =>
  parse(message).flatMap((element) =>
    element.type === TYPE.plural
      ? [
          Object.keys(element.options)
            .filter((form) => !form.startsWith('='))
            .sort(),
        ]
      : [],
  );

describe.each(languages.filter((language) => language !== 'en'))('the catalog of %s', (language) => {
  const messages = catalog(language);

  it('has every message in the order of the English one', () => {
    expect(Object.keys(messages)).toEqual(Object.keys(en));
  });

  it.each(Object.keys(en))('has the values of "%s"', (id) => {
    expect(holesOf(parse(messages[id] ?? '')).sort()).toEqual(holesOf(parse(en[id] ?? '')).sort());
  });

  it('has every form that its language counts with', () => {
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories.sort();
    for (const message of Object.values(messages))
      for (const plural of pluralsOf(message)) expect(plural).toEqual(forms);
  });
});

/** Text of our pages, to see what they say. */
function sources(folder: string): string {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter(({ name }) => /(?<!spec)\.tsx?$/.test(name));
  return files.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')).join('\n');
}

it('no message is left that nothing says', () => {
  const source = sources(new URL('..', import.meta.url).pathname);
  const computed = /^(category|channel|kind|message|outcome|reason|sensitive|settings|turn|verdict)\./;
  const unsaid = Object.keys(en).filter(
    (id) => !computed.test(id) && !new RegExp(`['"]${id.replace('.', '\\.')}['"]`).test(source),
  );
  expect(unsaid).toEqual([]);
});
