import { Transform, type TransformCallback } from 'node:stream';

const LINE_BREAK = Buffer.from('\r\n');
const [BLANK, TAB] = [0x20, 0x09];
/** No client needs more; a longer run is not padding. */
const MAX_PADDING_BYTES = 1_024;

/**
 * Removes the blanks that may follow a boundary on its line: receivers must handle them (RFC 2046 §5.1.1, "transport-padding"), and the
 * parser does not.
 *
 * @param contentType of the request, with its boundary
 */
export function withoutPadding(contentType: string): Transform {
  const [, quoted, bare] = /;\s*boundary=(?:"([^"]*)"|([^\s;]*))/i.exec(contentType) ?? [];
  const delimiter = Buffer.from(`\r\n--${quoted ?? bare ?? ''}`, 'latin1');
  // A delimiter begins a line, and the first one has no line break before it: so one is added, as an empty preamble (§5.1.1).
  let held: Buffer = LINE_BREAK;
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      const [pieces, rest] = unpadded(Buffer.concat([held, chunk]), delimiter);
      held = rest;
      done(null, Buffer.concat(pieces));
    },
    flush(done: TransformCallback) {
      done(null, held);
    },
  });
}

/** Where the end of `bytes` may be the beginning of a delimiter; only that is held back. */
function beginOf(delimiter: Buffer, bytes: Buffer, from: number): number {
  let at = Math.max(from, bytes.length - delimiter.length + 1);
  while (at < bytes.length && !delimiter.subarray(0, bytes.length - at).equals(bytes.subarray(at))) at++;
  return at;
}

/** The bytes that can be passed on, and the rest, which the next bytes decide about. */
function unpadded(bytes: Buffer, delimiter: Buffer): [pieces: Buffer[], held: Buffer] {
  const pieces: Buffer[] = [];
  let from = 0;
  for (;;) {
    const at = bytes.indexOf(delimiter, from);
    if (at < 0) {
      const tail = beginOf(delimiter, bytes, from);
      return [[...pieces, bytes.subarray(from, tail)], bytes.subarray(tail)];
    }
    const end = at + delimiter.length;
    let next = end;
    while (next - end <= MAX_PADDING_BYTES && (bytes[next] === BLANK || bytes[next] === TAB)) next++;
    const isUndecided = bytes.length < next + LINE_BREAK.length;
    if (isUndecided) return [[...pieces, bytes.subarray(from, at)], bytes.subarray(at)];
    const isPadded = next > end && bytes.subarray(next, next + LINE_BREAK.length).equals(LINE_BREAK);
    pieces.push(bytes.subarray(from, isPadded ? end : next));
    from = next;
  }
}
