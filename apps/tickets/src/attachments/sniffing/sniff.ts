import type { AttachmentType } from '@bellhop/contracts/constants';
import type { Bytes } from './bytes.js';
import { sniffOle } from './ole-documents.js';
import { Refused, type Why } from './refused.js';
import { sniffSignature } from './signatures.js';
import { sniffText } from './text.js';
import { sniffZip } from './zip-documents.js';

/** Readers of PDF look so far for its header, and some writers make use of it. */
const HEAD_BYTES = 1_024;

/**
 * What a file is, by its bytes alone: neither its name nor what the sender calls it is asked. Each type of the list is
 * recognised for certain, and whatever is none of them is null; no guess is made of what else it may be, so that no
 * format that somebody invents is let in by a mistake about it.
 */
export async function sniff(bytes: Bytes): Promise<AttachmentType | null> {
  const found = await recognise(bytes);
  return found instanceof Refused ? null : found;
}

/** Why `sniff` has found nothing: for the person who sent the file. */
export async function whyNot(bytes: Bytes): Promise<Why> {
  const found = await recognise(bytes);
  if (!(found instanceof Refused) || found.why !== 'charset') return found instanceof Refused ? found.why : 'unknown';
  const head = await bytes.read(0, HEAD_BYTES);
  if (head.includes('%PDF-')) return 'before_pdf';
  // Text in another charset has no NUL either; nearly everything else has.
  return head.includes(0) ? 'unknown' : 'charset';
}

async function recognise(bytes: Bytes): Promise<AttachmentType | Refused> {
  const head = await bytes.read(0, HEAD_BYTES);
  return (
    sniffSignature(head) ?? (await sniffZip(bytes, head)) ?? (await sniffOle(bytes, head)) ?? (await sniffText(bytes))
  );
}
