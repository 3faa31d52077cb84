import { Problem } from '@bellhop/service';

/** @throws Problem 422 `attachments_unavailable`: better than a message that arrives without its screenshot */
export function refuseAttachments(attachmentIds: readonly string[] | undefined): void {
  if (!attachmentIds?.length) return;
  throw new Problem(
    422,
    'attachments_unavailable',
    'Files cannot be attached yet',
    'Leave `attachmentIds` out and describe in the text what the file shows.',
  );
}
