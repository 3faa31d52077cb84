import type { AttachmentType } from '@bellhop/contracts/constants';
import type { Bytes } from './bytes.js';
import { refusalOfParts } from './package-parts.js';
import { Refused } from './refused.js';
import { contentOf, type Entry, entriesOf, isZip } from './zip-archive.js';

const MAX_TYPE_BYTES = 100;
const MAX_MANIFEST_BYTES = 1024 * 1024;

/** The part that makes a package the document that it is; Office writes a number into its name now and then. */
const OOXML: readonly (readonly [part: RegExp, AttachmentType])[] = [
  [/^word\/document\d*\.xml$/, 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  [/^xl\/workbook\d*\.xml$/, 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
  [/^ppt\/presentation\d*\.xml$/, 'application/vnd.openxmlformats-officedocument.presentationml.presentation'],
];
const ODF: readonly AttachmentType[] = [
  'application/vnd.oasis.opendocument.text',
  'application/vnd.oasis.opendocument.spreadsheet',
  'application/vnd.oasis.opendocument.presentation',
];
/** Macros, of Office and of OpenDocument, and what makes of a document a Java archive as well. */
const ACTIVE =
  /(?:^|\/)vba(?:project|data)[^/]*\.(?:bin|xml)$|(?:^|\/)(?:macrosheets|activex)\/|^basic\/|^scripts\/|^meta-inf\/manifest\.mf$|\.class$/;
/** Charts keep their table as a package of its own; what else is embedded is an OLE object, or any file at all. */
const EMBEDDED = /(?:^|\/)embeddings\/(?![^/]*\.(?:xlsx|docx|pptx)$)[^/]+$/;

/**
 * An office document that is a ZIP: OOXML (ECMA-376, part 2) or OpenDocument (part 2, §3.3). Any other archive is refused, and so
 * is a document with macros, with embedded objects, or with a template on another computer. Null: it is no ZIP.
 */
export async function sniffZip(bytes: Bytes, head: Buffer): Promise<AttachmentType | Refused | null> {
  if (!isZip(head)) return null;
  const entries = await entriesOf(bytes);
  // Of two parts by one name one program takes the first, and another the last.
  if (!entries || new Set(entries.map(({ name }) => name)).size < entries.length) return new Refused('unreadable');
  if (entries.some(({ name }) => ACTIVE.test(name))) return new Refused('macros');
  if (entries.some(({ name }) => EMBEDDED.test(name))) return new Refused('embedded');
  if (!entries.some(({ name }) => name === '[content_types].xml')) return openDocument(bytes, entries);
  const kinds = OOXML.filter(([part]) => entries.some(({ name }) => part.test(name)));
  const type = kinds.length === 1 ? kinds[0]?.[1] : undefined;
  if (!type) return new Refused('archive');
  return (await refusalOfParts(bytes, entries)) ?? type;
}

/** The entry `mimetype`, which is not compressed, holds the type and nothing else. */
async function openDocument(bytes: Bytes, entries: readonly Entry[]): Promise<AttachmentType | Refused> {
  const entry = entries.find(({ name }) => name === 'mimetype');
  const content = entry?.method === 0 ? await contentOf(bytes, entry, MAX_TYPE_BYTES) : null;
  const type = ODF.find((one) => one === content?.toString('latin1'));
  if (!type) return new Refused('archive');
  const manifest = entries.find(({ name }) => name === 'meta-inf/manifest.xml');
  const parts = manifest ? await contentOf(bytes, manifest, MAX_MANIFEST_BYTES) : Buffer.alloc(0);
  if (!parts) return new Refused('unreadable');
  // Charts and tables of its own kind are documents in it; this is anybody's.
  return parts.toString('latin1').toLowerCase().includes('oleobject') ? new Refused('embedded') : type;
}
