import type { Bytes } from './bytes.js';
import { Refused, type Why } from './refused.js';

const BLOCK_BYTES = 64 * 1024;
export const MARK_BYTES = 2;
/** How far browsers look that guess: 1,445 bytes. */
const LOOKED_AT = 2_048;

/** Tabs, line breaks and page breaks are all of the control characters that a text has. */
const CONTROL = /[^\P{Cc}\t\n\v\f\r\u0085]/u;
const [ESCAPE, END_OF_DOS] = ['\u001b', '\u001a'];
/** The colours that programs write into a terminal (ECMA-48 §8.3.117, §8.3.41); every other sequence may do something there. */
const COLOURS = new RegExp(`${ESCAPE}\\[[\\d;:]*[mK]`, 'g');
/** The beginning of a colour that goes on in the next block. */
const CUT_COLOUR = new RegExp(`${ESCAPE}(?:\\[[\\d;:]{0,40})?$`);
const MAX_COLOUR_LENGTH = 42;
/** Enough to fill a text up with to the end of its sector. */
const MAX_END_LENGTH = 512;

/**
 * A text is what it begins as, to every program that guesses (https://mimesniff.spec.whatwg.org/#identifying-a-resource-with-an-unknown-mime-type):
 * further in it may speak of tags and programs as it likes.
 */
const ELEMENTS =
  'html|head|body|title|meta|link|base|style|script|template|iframe|frameset|object|embed|applet|svg|math|img|video|audio|form|input|table|div|span|center|font|h[1-6]|p|br|a|b';
const PAGE = new RegExp(`^(?:<[!?%]|<(?:[a-z][\\w.-]*:)?(?:${ELEMENTS})(?:[\\s/>]|$)|<[a-z][^>]*\\sxmlns\\b)`, 'i');
/** Scripts, and formats that are written in letters; a saved page or mail has its headers first. */
const PROGRAM = /^(?:#!|%!|%PDF|\{\\rtf|@echo\b|\[InternetShortcut\])/i;
const HEADERS = /^(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?mime-version:/i;

/**
 * Text in UTF-8, or in UTF-16 that says so by its byte order mark, in no format that a program would do something with. It is
 * scanned to its last byte, since nothing at its beginning says that it is text.
 */
export async function sniffText(bytes: Bytes): Promise<'text/plain' | Refused> {
  if (bytes.sizeBytes === 0) return new Refused('unknown');
  let isBegin = true;
  let cut = '';
  try {
    for await (const block of textOf(bytes)) {
      const activity = isBegin ? activityOf(block.slice(0, LOOKED_AT)) : null;
      if (activity) return new Refused(activity);
      const text = cut + block;
      cut = cutOff(text);
      if (cut.length > MAX_END_LENGTH || CONTROL.test(text.slice(0, text.length - cut.length).replace(COLOURS, ''))) {
        return new Refused('control_characters');
      }
      isBegin = false;
    }
    return cut.replaceAll(END_OF_DOS, '') === '' ? 'text/plain' : new Refused('control_characters');
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return new Refused('charset');
    throw error;
  }
}

/** What stands at the end of a block, and only the next one can tell about. By hand: a search would try each of many from anew. */
function cutOff(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === END_OF_DOS) end--;
  if (end < text.length) return text.slice(end);
  return CUT_COLOUR.exec(text.slice(-MAX_COLOUR_LENGTH))?.[0] ?? '';
}

/** Of UTF-16 its charset, as its byte order mark says; null for everything else. */
export function utf16Of(head: Buffer): 'utf-16le' | 'utf-16be' | null {
  const [first, second] = head;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  return first === 0xfe && second === 0xff ? 'utf-16be' : null;
}

/** The text of a file, without its byte order mark. Throws where the bytes are none. */
export async function* textOf(bytes: Bytes): AsyncGenerator<string> {
  const decoder = new TextDecoder(utf16Of(await bytes.read(0, MARK_BYTES)) ?? 'utf-8', { fatal: true });
  for (let at = 0; at < bytes.sizeBytes; at += BLOCK_BYTES) {
    const block = await bytes.read(at, BLOCK_BYTES);
    yield decoder.decode(block, { stream: at + BLOCK_BYTES < bytes.sizeBytes });
  }
}

function activityOf(start: string): Why | null {
  const begin = start.replace(/^[\s\p{Default_Ignorable_Code_Point}]+/u, '');
  if (PAGE.test(begin)) return 'page';
  return PROGRAM.test(begin) || HEADERS.test(begin) ? 'program' : null;
}

/** Between two types that are equally harmless the name may choose, if the first line can be a row. */
export function isTable(name: string, firstBytes: Buffer): boolean {
  const [firstLine = ''] = firstBytes.toString('utf8').trimStart().split(/\r?\n/, 1);
  return /\.csv$/i.test(name) && /[,;\t|]/.test(firstLine);
}
