import type { Files } from './attach.js';

/** How much of the disk may be taken, and by whom. */
export class AttachmentLimits {
  /** Files that one uploader, or one network in a day, may leave lying in no message: five messages full of them. */
  readonly unlinkedFiles = 50;
  readonly filesPerNetwork = 500;
  readonly perTicketBytes: number;
  /** Of one uploader, in no message yet. */
  readonly unlinkedBytes: number;
  /** Of one network in a day, by people without an account. */
  readonly perNetworkBytes: number;

  constructor(limits: { perTicketBytes: number; unlinkedBytes: number; perNetworkBytes: number }) {
    this.perTicketBytes = limits.perTicketBytes;
    this.unlinkedBytes = limits.unlinkedBytes;
    this.perNetworkBytes = limits.perNetworkBytes;
  }

  /** What a request wants to send along; an id that is named twice is sent once. */
  files(ids: readonly string[] | undefined, uploaders: readonly string[]): Files {
    return { ids: [...new Set(ids)], uploaders, maxTicketBytes: this.perTicketBytes };
  }
}
