/** Lengths are in UTF-16 units, as browsers count them (`maxlength`, `String.length`). */
export const MAX_SUBJECT_LENGTH = 200;
export const MAX_BODY_LENGTH = 20_000;
/** What is searched for. */
export const MAX_SEARCH_LENGTH = 100;
/** RFC 5321 §4.5.3.1.3. */
export const MAX_ADDRESS_LENGTH = 254;
/** Digits of a one-time code. */
export const CODE_LENGTH = 6;
/** What a person calls a device. */
export const MAX_DEVICE_NAME_LENGTH = 60;
/** The words by which a person knows our mails. */
export const MIN_PHRASE_LENGTH = 3;
export const MAX_PHRASE_LENGTH = 60;

/** Files of one message. */
export const MAX_ATTACHMENTS = 10;
export const MAX_ATTACHMENT_BYTES = 20 * 1024 * 1024;
/** A mail of ours has twenty kilobytes. */
export const MAX_CHECKED_MAIL_BYTES = 256 * 1024;

/** Items on a page of a list, unless the request says otherwise. */
export const PAGE_SIZE = 25;
export const MAX_PAGE_SIZE = 100;
/** Messages that the page of a ticket begins with, the newest ones; and as many for each look back. */
export const MESSAGES_PER_PAGE = 50;
/** Entries of the timeline beside them, at most. */
export const TIMELINE_ENTRIES_PER_PAGE = 200;
/** Beginning of the newest message, in a list. */
export const MAX_EXCERPT_LENGTH = 120;

/** Unseen entries of a feed are counted up to this. */
export const MAX_UNREAD = 100;
/** A hint to the desk names so many tickets at most. */
export const MAX_HINTED_TICKETS = 100;
/** How long a mail may wait for its push to be seen, in minutes; 0: it does not wait. */
export const MAIL_AFTER_MINUTES = [0, 15, 60, 240] as const;
