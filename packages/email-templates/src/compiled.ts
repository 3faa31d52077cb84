import type { Placeholder, Variant } from './alert.js';

/** Written by the build; read by the built code and by the tests of the sources. */
export const COMPILED_FILE = new URL('../dist/compiled.json', import.meta.url);

/** A text with placeholders: `text[0] placeholders[0] text[1] placeholders[1] … text[n]`. */
export interface CompiledText {
  text: readonly string[];
  placeholders: readonly Placeholder[];
}

export interface CompiledMail {
  subject: CompiledText;
  html: CompiledText;
  text: CompiledText;
}

export function variantKey({ template, audience, locale, plural, hasDeadline, hasPhrase }: Variant): string {
  return `${template} ${audience} ${locale} ${plural} ${hasDeadline} ${hasPhrase}`;
}
