import type { CompoundFile, Entry } from './compound-file.js';

const HEADER_BYTES = 4;
/** MS-XLS §2.4: a sheet and its kind; the end of the list of all; a password on everything behind it. */
const [SHEET, END, PASSWORD] = [0x85, 0x0a, 0x2f];
/** §2.4.28, `dt`: a sheet of Excel 4 macros, and a module of Visual Basic of before 1997. */
const MACRO_KINDS = new Set([1, 6]);
/** The list comes first, among fonts and styles, and texts of 8 KiB each. */
const MAX_RECORDS = 100_000;

/** Whether a table has Excel 4 macros, which have no part of their own to be known by. Null: nobody can tell. */
export async function hasMacroSheet(file: CompoundFile, stream: Entry): Promise<boolean | null> {
  if (stream.sizeBytes === 0) return false;
  const read = await file.reader(stream);
  let at = 0;
  for (let n = 0; n < MAX_RECORDS; n++) {
    const record = await read(at, HEADER_BYTES + 6);
    if (record.length < HEADER_BYTES) return null;
    const [type, length] = [record.readUInt16LE(0), record.readUInt16LE(2)];
    if (type === PASSWORD) return null;
    if (type === END) return false;
    if (type === SHEET && MACRO_KINDS.has(record[HEADER_BYTES + 5] ?? 0)) return true;
    at += HEADER_BYTES + length;
  }
  return null;
}
