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
