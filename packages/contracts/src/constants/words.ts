/** Closed lists of words, which mean the same in requests, answers and events. */
export const TICKET_STATUSES = ['unverified', 'open', 'waiting', 'resolved', 'closed'] as const;
export const PRIORITIES = ['low', 'normal', 'high', 'vip', 'emergency'] as const;
export const CATEGORIES = ['account-security', 'deposit-withdrawal', 'trading', 'promotions', 'other'] as const;
export const PROMISE_KINDS = ['first_answer', 'next_answer', 'solution'] as const;
export const MESSAGE_KINDS = ['message', 'information_request', 'resolution'] as const;

export const CHANNELS = ['email', 'push', 'feed'] as const;
/** What an entry of the feed tells of. The pages have the words for it, in the language of the reader. */
export const FEED_KINDS = [
  'created',
  'replied',
  'information_requested',
  'resolved',
  'promise_missed',
  'reopened',
  'customer_replied',
  'assigned',
  'promise_at_risk',
] as const;
export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;

/** Roles in an access token that mean something to us. */
export const ROLES = ['agent', 'operator'] as const;

/** Why a mail is not ours (`POST /notifications/mail-checks`). The pages have the words for them. */
export const MAIL_REFUSALS = [
  /** It comes from another domain. */
  'other_sender',
  /** A header that must be there once is missing, or there twice. */
  'malformed',
  /** We have sent no such mail: not from this address, under this id, to this recipient, about this ticket. */
  'not_in_record',
  /** All our mails are signed, and it is not. */
  'not_signed',
] as const;
/** Why it cannot be told. */
export const MAIL_DOUBTS = [
  /** Signed by our domain, and not among what we remember. */
  'signed_not_in_record',
  /** Older than what we remember. */
  'too_old',
  /** Its signature does not fit, or leaves out a field that matters: it was changed on the way, or made up, or its signer signs too little. */
  'signature_broken',
  /** The key for its signature could not be looked up now. */
  'dns_unavailable',
  /** Only its header was sent: what is in the mail may be anything. */
  'body_missing',
  /** Our mails are not known to be signed (`MAIL_DKIM_DOMAIN`). Whoever has seen a mail of ours can copy all of it. */
  'signature_not_configured',
] as const;
