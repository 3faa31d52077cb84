import type { Files } from './attach.js';

/** How much of the disk may be taken, and by whom. */
export class AttachmentLimits {
  /** Files that one uploader may leave lying in no message: five messages full of them. */
  readonly unlinkedFiles = 50;
  /** Of one customer or one network, sent or not. */
  readonly filesPerDay = 500;
  readonly perTicketBytes: number;
  /** Of one uploader, in no message yet. */
  readonly unlinkedBytes: number;
  /** Of one customer or, by people without an account, from one network. */
  readonly perDayBytes: number;

  constructor(limits: { perTicketBytes: number; unlinkedBytes: number; perDayBytes: number }) {
    this.perTicketBytes = limits.perTicketBytes;
    this.unlinkedBytes = limits.unlinkedBytes;
    this.perDayBytes = limits.perDayBytes;
  }

  /** What a request wants to send along; an id that is named twice is sent once. */
  files(ids: readonly string[] | undefined, uploaders: readonly string[]): Files {
    return { ids: [...new Set(ids)], uploaders, maxTicketBytes: this.perTicketBytes };
  }
}
