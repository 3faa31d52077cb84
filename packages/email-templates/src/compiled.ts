import type { Hole, Variant } from './alert.js';

/** Where the build leaves what it has compiled, for the code as built and for tests of the sources alike. */
export const COMPILED_FILE = new URL('../dist/compiled.json', import.meta.url);

/** A text with holes: `text[0] hole[0] text[1] hole[1] … text[n]`. */
export interface Holed {
  text: readonly string[];
  holes: readonly Hole[];
}

export interface CompiledAlert {
  subject: Holed;
  html: Holed;
  text: Holed;
}

export function variantKey({ template, audience, locale, plural, hasDeadline }: Variant): string {
  return `${template} ${audience} ${locale} ${plural} ${hasDeadline}`;
}
