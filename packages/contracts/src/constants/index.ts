/** All that a page needs at run time, without zod: limits, closed lists of words, types of files, names of headers. */
export { ATTACHMENT_TYPES, type AttachmentType } from './attachment-types.js';
export {
  AUDIT_REASON_HEADER,
  IDEMPOTENCY_KEY_HEADER,
  IDEMPOTENT_REPLAY_HEADER,
  PROBLEM_CONTENT_TYPE,
} from './headers.js';
export {
  CODE_LENGTH,
  MAIL_AFTER_MINUTES,
  MAX_ADDRESS_LENGTH,
  MAX_ATTACHMENT_BYTES,
  MAX_ATTACHMENTS,
  MAX_BODY_LENGTH,
  MAX_CHECKED_MAIL_BYTES,
  MAX_DEVICE_NAME_LENGTH,
  MAX_EXCERPT_LENGTH,
  MAX_HINTED_TICKETS,
  MAX_PAGE_SIZE,
  MAX_PHRASE_LENGTH,
  MAX_SEARCH_LENGTH,
  MAX_SUBJECT_LENGTH,
  MAX_UNREAD,
  MIN_PHRASE_LENGTH,
  PAGE_SIZE,
} from './limits.js';
export {
  CATEGORIES,
  CHANNELS,
  FEED_KINDS,
  MESSAGE_KINDS,
  PRIORITIES,
  PROMISE_KINDS,
  ROLES,
  TICKET_STATUSES,
  WEEKDAYS,
} from './words.js';
