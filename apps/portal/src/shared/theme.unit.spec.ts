import { readFileSync } from 'node:fs';
import { palettes } from '@bellhop/email-templates';
import { describe, expect, it } from '@jest/globals';

const css = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8');
const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** `--color-x: #…` of one block. */
function coloursOf(block: string): Record<string, string> {
  return Object.fromEntries(
    [...block.matchAll(/--(?:color-)?([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name, hex]) => [name, hex]),
  );
}

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

describe.each(['theme.css', '../door/door.css'])('the colours of %s', (file) => {
  const [light = '', dark = ''] = css(file).split('@media (prefers-color-scheme: dark)');

  it.each([
    ['light', coloursOf(light), palettes.light],
    ['dark', coloursOf(dark), palettes.dark],
  ] as const)('are those of the mails: %s', (_name, colours, palette) => {
    const expected = Object.fromEntries(Object.entries(palette).map(([name, hex]) => [kebab(name), hex]));
    expect(colours).toMatchObject(expected);
  });

  it.each([
    ['light', coloursOf(light)],
    ['dark', coloursOf(dark)],
  ] as const)('can be read: %s', (_name, colours) => {
    const of = (name: string) => colours[name] ?? '#000000';
    for (const text of ['ink', 'quiet', 'accent', 'good', 'bad'].filter((name) => name in colours)) {
      for (const behind of ['page', 'card', 'tint']) expect(contrast(of(text), of(behind))).toBeGreaterThanOrEqual(4.5);
    }
    for (const behind of ['page', 'card', 'tint']) expect(contrast(of('edge'), of(behind))).toBeGreaterThanOrEqual(3);
  });
});
