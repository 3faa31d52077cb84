import type { CompoundFile, Entry } from './compound-file.js';

const HEADER_BYTES = 4;
/** MS-XLS §2.4: a sheet and its kind; the end of the list of all; a password on everything behind it. */
const [SHEET, END, PASSWORD] = [0x85, 0x0a, 0x2f];
/** §2.4.28, `dt`: a sheet of Excel 4 macros, and a module of Visual Basic of before 1997. */
const MACRO_KINDS = new Set([1, 6]);
/** Of all tables of a file. The list comes first in each, among fonts and styles, and texts of 8 KiB each. */
const MAX_RECORDS = 100_000;

/** Whether one of these tables has Excel 4 macros, which have no part of their own to be known by. Null: nobody can tell. */
export async function hasMacroSheet(file: CompoundFile, tables: readonly Entry[]): Promise<boolean | null> {
  let left = MAX_RECORDS;
  for (const table of tables) {
    if (table.sizeBytes === 0) continue;
    const read = await file.reader(table);
    let at = 0;
    for (let type = 0; type !== END; left--) {
      const record = await read(at, HEADER_BYTES + 6);
      if (left === 0 || record.length < HEADER_BYTES) return null;
      type = record.readUInt16LE(0);
      if (type === PASSWORD) return null;
      if (type === SHEET && MACRO_KINDS.has(record[HEADER_BYTES + 5] ?? 0)) return true;
      at += HEADER_BYTES + record.readUInt16LE(2);
    }
  }
  return false;
}
