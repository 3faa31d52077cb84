import type { Result } from '../outcomes/outcome-recorder.js';

/** How long to wait for a key that is missing from PAYLOAD_KEY. */
const MISSING_KEY_MS = 60_000;

/** The result for a delivery that cannot be composed. A key missing from the set-up may be added again; other errors are final. */
export function uncomposed(error: unknown): Extract<Result, { readonly reason: string }> {
  const { code } = error as { code?: unknown };
  if (code === 'unknown_key') return { state: 'retrying', reason: code, waitMs: MISSING_KEY_MS };
  const isOurs = typeof code === 'string' && /^[a-z][a-z0-9_]{0,63}$/.test(code);
  return { state: 'dead', reason: isOurs ? code : 'cannot_be_composed' };
}
