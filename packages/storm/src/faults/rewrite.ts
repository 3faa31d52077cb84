import { FaultError } from './faults.errors.js';
import type { Replacement } from './sabotages.js';

const FAILPOINT_LINE = /^([ \t]*)\/\/ failpoint: ([a-z_.]+)[ \t]*$/gm;

/** Where the runtime is found: `Symbol.for` is the same in every realm and every copy of a module. */
export const RUNTIME_KEY = 'bellhop.failpoint';

/** The failpoints that a built file names, in order. */
export function failpointsIn(source: string): string[] {
  return [...source.matchAll(FAILPOINT_LINE)].map(([, , name = '']) => name);
}

/** Replaces every failpoint comment by a call. The number of lines stays the same, so that source maps stay right. */
export function withFailpoints(source: string): string {
  return source.replace(FAILPOINT_LINE, `$1await globalThis[Symbol.for('${RUNTIME_KEY}')]('$2');`);
}

/** @throws FaultError when the text that a replacement looks for is not there exactly once */
export function withReplacements(source: string, replacements: readonly Replacement[]): string {
  return replacements.reduce((text, { file, find, replace }) => {
    const parts = text.split(find);
    if (parts.length === 2) return parts.join(replace);
    throw new FaultError(
      `A sabotage looks for "${find}" in ${file}, which contains it ${parts.length - 1} times, not once.`,
    );
  }, source);
}
