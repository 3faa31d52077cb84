import type { AttachmentType } from '@bellhop/contracts/constants';
import type { Bytes } from './bytes.js';
import { CompoundFile, type Entry, NOBODY } from './compound-file.js';
import { hasMacroSheet } from './excel-sheets.js';
import { Refused } from './refused.js';

const STREAMS: readonly (readonly [name: string, AttachmentType])[] = [
  ['WordDocument', 'application/msword'],
  ['PowerPoint Document', 'application/vnd.ms-powerpoint'],
  ['Workbook', 'application/vnd.ms-excel'],
  ['Book', 'application/vnd.ms-excel'],
];
/** Names are compared without case (MS-CFB §2.6.4). */
const MACROS = new Set(['macros', 'vba', '_vba_project_cur', '_vba_project']);
/** A file of any kind, a program for one (MS-OLEDS §2.3.6); an object whose editor was withdrawn for its holes; a link. */
const EMBEDDED = new Set([
  '\u0001ole10native',
  '\u0001ole10itemname',
  'equation native',
  '\u0003linksource',
  'package',
]);
const TABLES = new Set(['workbook', 'book']);

/**
 * An office document of before 2007, which is a compound file (MS-CFB): told by the stream that lies in its root. Other compound
 * files (installers, mails of Outlook, encrypted documents) are refused, and so is a document with macros or with a file
 * embedded. Null: it is no compound file.
 */
export async function sniffOle(bytes: Bytes, head: Buffer): Promise<AttachmentType | Refused | null> {
  const file = CompoundFile.of(bytes, head);
  if (!file) return null;
  const entries = await file.entries();
  const names = new Set(entries.map(({ name }) => name.toLowerCase()));
  if (names.has('encryptedpackage')) return new Refused('unreadable');
  if ([...names].some((name) => MACROS.has(name))) return new Refused('macros');
  if ([...names].some((name) => EMBEDDED.has(name))) return new Refused('embedded');
  // Also those in a letter: whoever opens the table opens its macros.
  const found = await hasMacroSheet(
    file,
    entries.filter(({ name }) => TABLES.has(name.toLowerCase())),
  );
  if (found !== false) return new Refused(found === null ? 'unreadable' : 'macros');
  const inRoot = namesInRoot(entries);
  return STREAMS.find(([name]) => inRoot.has(name))?.[1] ?? new Refused('unknown');
}

/** §2.6.4: what lies in a folder is a tree; deeper ones belong to embedded objects, such as a table in a letter. */
function namesInRoot(entries: readonly Entry[]): Set<string> {
  const names = new Set<string>();
  const seen = new Set<number>();
  const open = [entries[0]?.child ?? NOBODY];
  while (open.length > 0) {
    const index = open.pop() as number;
    const entry = entries[index];
    if (!entry || seen.has(index)) continue;
    seen.add(index);
    names.add(entry.name);
    open.push(entry.left, entry.right);
  }
  return names;
}
