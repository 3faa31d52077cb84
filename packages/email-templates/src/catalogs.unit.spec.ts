import { describe, expect, it } from '@jest/globals';
import { IntlMessageFormat } from 'intl-messageformat';
import { languages, locales } from './locales.js';

type Messages = Record<string, string>;

/** Every message of a language under the path that leads to it. */
function messagesOf(node: object, path = ''): Messages {
  return Object.fromEntries(
    Object.entries(node).flatMap(([key, value]) =>
      typeof value === 'string' ? [[path + key, value]] : Object.entries(messagesOf(value as object, `${path}${key}.`)),
    ),
  );
}

interface Node {
  type: number;
  value?: string;
  options?: Record<string, { value: Node[] }>;
  children?: Node[];
}

/** What a message can have filled in, and its plural forms, whatever their order. */
function argumentsOf(nodes: readonly Node[]): string[] {
  const found = nodes.flatMap((node) => [
    ...(node.type === 0 || node.type === 7 ? [] : [node.value as string]),
    ...argumentsOf(node.children ?? []),
    ...Object.values(node.options ?? {}).flatMap((option) => argumentsOf(option.value)),
  ]);
  return [...new Set(found)].sort();
}

function pluralFormsOf(nodes: readonly Node[]): string[][] {
  return nodes.flatMap((node) => (node.options ? [Object.keys(node.options).sort()] : []));
}

function parse(message: string): Node[] {
  return new IntlMessageFormat(message, 'en').getAst() as unknown as Node[];
}

const english = messagesOf(languages.en.catalog);

describe.each(locales)('the catalog of %s', (locale) => {
  const messages = messagesOf(languages[locale].catalog);

  it('fills the same values into the same messages as the English one', () => {
    for (const [path, message] of Object.entries(messages)) {
      const counts = (names: string[]) => names.filter((name) => name !== 'count');
      expect([path, counts(argumentsOf(parse(message)))]).toEqual([path, counts(argumentsOf(parse(english[path]!)))]);
    }
  });

  it('has each form of plural that the language knows, and picks none by number', () => {
    const forms = new Intl.PluralRules(locale).resolvedOptions().pluralCategories.toSorted();
    const counting = Object.values(messages).filter((message) => message.includes('plural'));
    expect(counting.length).toBeGreaterThan(3);
    for (const message of counting) {
      for (const used of pluralFormsOf(parse(message))) {
        // A sentence without a number in it may be the same for all but one.
        if (message.includes('#')) expect(used).toEqual(forms);
        else expect(forms).toEqual(expect.arrayContaining(used));
      }
    }
  });

  it('has no blank, untrimmed or doubly spaced message, and no sentinel', () => {
    for (const message of Object.values(messages)) expect(message).not.toMatch(/^\s|\s$|^$| {2}|[\uE000\uE001]/);
  });
});

it('writes Chinese with Chinese punctuation', () => {
  for (const message of Object.values(messagesOf(languages['zh-CN'].catalog))) {
    expect(message.replace(/\{count, plural,/g, '')).not.toMatch(/[一-鿿][,.:;!?()]|[,.:;!?()][一-鿿]/);
  }
});

it('leaves no Polish word of one letter at the end of a line', () => {
  for (const [path, message] of Object.entries(messagesOf(languages.pl.catalog))) {
    if (!path.endsWith('.subject'))
      expect([path, message]).toEqual([path, expect.not.stringMatching(/(^|[\s{])[aiouwz] /i)]);
  }
});
