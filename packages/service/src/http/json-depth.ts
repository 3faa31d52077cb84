import { Problem } from '@bellhop/http';

/** Far above any request of ours. Deeper JSON can be parsed, but overflows the stack of code that walks it recursively. */
export const MAX_DEPTH = 64;

const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const OPENING = new Set([0x5b, 0x7b]);
const CLOSING = new Set([0x5d, 0x7d]);

/**
 * Counts brackets in the bytes before they are parsed: 128 KiB of brackets cost the parser, and code that walks its result, far more than
 * the sender. In UTF-8 no byte of another character equals one of these.
 *
 * @throws Problem 422 `body_too_deep`
 */
export function refuseDeep(json: Uint8Array): void {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at] as number;
    if (isInString) {
      if (byte === BACKSLASH) at++;
      else isInString = byte !== QUOTE;
    } else if (byte === QUOTE) isInString = true;
    else if (OPENING.has(byte)) depth++;
    else if (CLOSING.has(byte)) depth--;
    if (depth > MAX_DEPTH) throw tooDeep();
  }
}

export function tooDeep(): Problem {
  const detail = `Send lists and objects within each other at most ${MAX_DEPTH} deep.`;
  return new Problem(422, 'body_too_deep', 'The body is nested too deep', detail);
}
