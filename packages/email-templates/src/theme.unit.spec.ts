import { describe, expect, it } from '@jest/globals';
import { dark, light, styleSheet } from './theme.js';

/** Relative luminance and contrast, WCAG 2.2 §1.4.3. */
function luminance(color: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [lower, higher] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (higher + 0.05) / (lower + 0.05);
}

describe.each(Object.entries({ light, dark }))('%s colours', (_, palette) => {
  it.each([
    ['ink', 'page'],
    ['ink', 'card'],
    ['ink', 'tint'],
    ['quiet', 'page'],
    ['quiet', 'card'],
    ['quiet', 'tint'],
    ['accent', 'card'],
    ['buttonInk', 'button'],
    ['button', 'card'],
  ] as const)('let %s be read on %s', (text, ground) => {
    expect(contrast(palette[text], palette[ground])).toBeGreaterThanOrEqual(4.5);
  });
});

it('replaces every colour that depends on the scheme', () => {
  for (const color of Object.values(dark)) expect(styleSheet).toContain(color);
});
