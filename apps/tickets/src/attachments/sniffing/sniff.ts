import type { AttachmentType } from './attachment-types.js';
import type { Bytes } from './bytes.js';
import { sniffOle } from './ole-documents.js';
import { sniffSignature } from './signatures.js';
import { isPlainText } from './text.js';
import { sniffZip } from './zip-documents.js';

const HEAD_BYTES = 512;

/**
 * What a file is, by its bytes alone: neither its name nor what the sender calls it is asked. Each type of the list is
 * recognised for certain, and whatever is none of them is null; no guess is made of what else it may be, so that no
 * format that somebody invents is let in by a mistake about it.
 */
export async function sniff(bytes: Bytes): Promise<AttachmentType | null> {
  const head = await bytes.read(0, HEAD_BYTES);
  return (
    sniffSignature(head) ??
    (await sniffZip(bytes, head)) ??
    (await sniffOle(bytes, head)) ??
    ((await isPlainText(bytes)) ? 'text/plain' : null)
  );
}
