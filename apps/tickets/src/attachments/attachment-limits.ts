import type { Files } from './attach.js';

/** Limits of stored files, per uploader, payer and ticket. */
export class AttachmentLimits {
  /** Files of one uploader that are in no message yet: as many as five full messages have. */
  readonly unlinkedFiles = 50;
  /** Files of one customer or one network in a day, sent or not. */
  readonly filesPerDay = 500;
  readonly perTicketBytes: number;
  /** Files of one uploader that are in no message yet, together. */
  readonly unlinkedBytes: number;
  /** Uploads of one customer or, of people without an account, from one network in a day. */
  readonly perDayBytes: number;

  constructor(limits: { perTicketBytes: number; unlinkedBytes: number; perDayBytes: number }) {
    this.perTicketBytes = limits.perTicketBytes;
    this.unlinkedBytes = limits.unlinkedBytes;
    this.perDayBytes = limits.perDayBytes;
  }

  /** The files of a request; an id that is named twice is sent once. */
  files(ids: readonly string[] | undefined, uploaders: readonly string[]): Files {
    return { ids: [...new Set(ids)], uploaders, maxTicketBytes: this.perTicketBytes };
  }
}
