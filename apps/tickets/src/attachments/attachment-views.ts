import type { AttachmentView } from '@bellhop/contracts/http';
import type { AttachmentEntity } from './attachment.entity.js';

/** A finished upload: only such files can be in a message. */
export function attachmentView({ id, name, type, sizeBytes }: Omit<AttachmentEntity, 'uploader'>): AttachmentView {
  return { id, name: name ?? '', type: type ?? '', sizeBytes };
}
