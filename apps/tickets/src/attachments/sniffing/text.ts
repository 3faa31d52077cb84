import type { Bytes } from './bytes.js';

const BLOCK_BYTES = 64 * 1024;
/** How far programs look that guess: browsers 1,445 bytes, readers of PDF 1,024. */
const LOOKED_AT = 2_048;

/** Tabs, line breaks and page breaks are all of the control characters that a text has. */
const CONTROL = /[^\P{Cc}\t\n\f\r]/u;
/** A tag, a comment, a declaration, an instruction; then programs of all kinds, and formats that are written in letters. */
const ACTIVE_START = /^(?:<[a-z!?/%]|#!|%!|%PDF|\{\\rtf|MZ|@echo\b|\[InternetShortcut\])/i;
const ACTIVE_ANYWHERE =
  /<(?:!doctype|html|head|body|script|svg|iframe|object|embed|\?xml|\?php)\b|%PDF-|^mime-version:/im;

/**
 * Text in UTF-8 and nothing else, in no format that a program would do something with. It is scanned to its last byte, since
 * nothing at its beginning says that it is text.
 */
export async function isPlainText(bytes: Bytes): Promise<boolean> {
  if (bytes.sizeBytes === 0) return false;
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for (let at = 0; at < bytes.sizeBytes; at += BLOCK_BYTES) {
      const block = await bytes.read(at, BLOCK_BYTES);
      const text = decoder.decode(block, { stream: at + BLOCK_BYTES < bytes.sizeBytes });
      if (CONTROL.test(text) || (at === 0 && isActive(text.slice(0, LOOKED_AT)))) return false;
    }
    return true;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return false;
    throw error;
  }
}

function isActive(start: string): boolean {
  return ACTIVE_START.test(start.replace(/^[\s\p{Default_Ignorable_Code_Point}]+/u, '')) || ACTIVE_ANYWHERE.test(start);
}

/** Between two types that are equally harmless the name may choose, if the first line can be a row. */
export function isTable(name: string, firstBytes: Buffer): boolean {
  const [firstLine = ''] = firstBytes.toString('utf8').trimStart().split(/\r?\n/, 1);
  return /\.csv$/i.test(name) && /[,;\t|]/.test(firstLine);
}
