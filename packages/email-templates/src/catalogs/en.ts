/**
 * The English words, in ICU MessageFormat. This catalog is the reference: its shape is the type of all others, and the names
 * under `requester`, `guest` and `agent` are the list of templates. A template with a `deadline` can show the time that is due.
 *
 * Open to every message: {number}, {count} (with plural). No message names the brand: it cannot be inflected.
 */
export const en = {
  /** `<link>` marks what leads to the ticket. */
  ticket: 'Support ticket <link>{number}</link>',
  /** the same in a mail about many */
  tickets: '<link>Support tickets</link>',
  labelled: '{label}: {value}',
  /** date and time, and the zone that they are in */
  moment: '{date}, {time}',
  zone: '{name} ({offset})',
  momentInZone: '{moment}, {zone}',
  /** Customers and guests */
  requester: {
    created: {
      subject: 'Your support ticket {number} has been received',
      heading: 'We have received your ticket',
      body: 'Our support team will look into it, and we will email you as soon as there is news. You can add details on the ticket page at any time.',
      action: 'View ticket',
    },
    replied: {
      subject:
        '{count, plural, one {Your support ticket {number} has a new reply} other {Your support ticket {number} has # new replies}}',
      heading: '{count, plural, one {You have a new reply} other {You have # new replies}}',
      body: '{count, plural, one {Our support team has answered your ticket. Open it to read the reply and continue the conversation.} other {Our support team has answered your ticket. Open it to read the replies and continue the conversation.}}',
      action: 'Read and reply',
    },
    information_requested: {
      subject: 'Your support ticket {number} needs information from you',
      heading: 'We need some information from you',
      body: 'To carry on with your ticket, we need a few more details. Open the ticket to see what we need, and answer there.',
      action: 'See what we need',
      deadline: 'Please answer by',
    },
    resolved: {
      subject: 'Your support ticket {number} has been resolved',
      heading: 'Your ticket has been resolved',
      body: 'Our support team has marked the problem as solved. If something is still not right, open the ticket and tell us there.',
      action: 'View ticket',
    },
    promise_missed: {
      subject: 'Your support ticket {number} is delayed',
      heading: 'This is taking longer than promised',
      body: 'We are sorry: you should have heard from us by now. Your ticket is still open, and we will get back to you. There is nothing you need to do.',
      action: 'View ticket',
      deadline: 'Answer promised by',
    },
  },
  /** A guest gets these, and only after asking for them. */
  guest: {
    link: {
      subject: 'New link to your support ticket {number}',
      heading: 'Your new link to the ticket',
      body: 'A new link to this ticket was requested on our support page. If that was not you, you can ignore this email.',
      action: 'View ticket',
    },
  },
  /** The mail with a one-time code. {count} are the minutes that it is good for. */
  code: {
    subject: 'Your code for support ticket {number}',
    heading: 'Your one-time code',
    body: 'Enter it on the page where you asked for it. It works in that browser only.',
    deadline: 'Valid until',
    validity:
      '{count, plural, one {That is #\u00A0minute after you asked for it.} other {That is #\u00A0minutes after you asked for it.}}',
    secret:
      'Nobody will ever ask you for this code: not by email, not on the phone, not in a chat. Please do not share it.',
    ignore: 'If you did not ask for a code, you can ignore this email. Without the code, nothing happens.',
    noReply: 'Replies to this email are not read.',
    reason: 'You are receiving this email because your email address was entered on our support page.',
  },
  agent: {
    created: {
      subject: 'Support ticket {number} has been opened',
      heading: 'A new ticket has been opened',
      body: 'Open the ticket to read it and take it on.',
      action: 'Open ticket',
    },
    tickets_waiting: {
      subject: '{count, plural, one {# support ticket is waiting} other {# support tickets are waiting}}',
      heading: '{count, plural, one {# ticket is waiting for the team} other {# tickets are waiting for the team}}',
      body: 'Much came in at once, so this is one email about all of it: new tickets and new customer replies. Open the list to take them on.',
      action: 'Open list',
    },
    customer_replied: {
      subject: 'Support ticket {number}: {count, plural, one {new customer reply} other {# new customer replies}}',
      heading: '{count, plural, one {The customer has replied} other {The customer has sent # replies}}',
      body: '{count, plural, one {Open the ticket to read the reply and answer it.} other {Open the ticket to read the replies and answer them.}}',
      action: 'Open ticket',
    },
    assigned: {
      subject: 'Support ticket {number} has been assigned to you',
      heading: 'A ticket has been assigned to you',
      body: 'You are now responsible for this ticket. Open it to read the conversation and answer.',
      action: 'Open ticket',
    },
    reopened: {
      subject: 'Support ticket {number} has been reopened',
      heading: 'The ticket has been reopened',
      body: 'The problem is not solved yet. Open the ticket to see what is still needed.',
      action: 'Open ticket',
    },
    promise_at_risk: {
      subject: 'Support ticket {number} is due soon',
      heading: 'This ticket is due soon',
      body: 'The customer is still waiting, and the promised time is near. Please answer before it passes.',
      action: 'Open ticket',
      deadline: 'Answer promised by',
    },
    promise_missed: {
      subject: 'Support ticket {number} is overdue',
      heading: 'This ticket is overdue',
      body: 'The promised time has passed, and the customer is still waiting. Please answer as soon as you can.',
      action: 'Open ticket',
      deadline: 'Answer promised by',
    },
  },
  /** What a guest has to know before following the link. An inbound guest's leads to another system, which we cannot speak for. */
  links: {
    guest:
      'This link works only for this mailbox: before the ticket opens, the page will ask for a one-time code, which we send to this address.',
    inbound_guest: 'This link is meant for you only: please do not forward this email.',
  },
  /** Shown with the phrase that a customer has chosen. */
  phrase: {
    label: 'Your anti-phishing phrase',
    note: 'Our emails about your tickets always show it. Trust none without it.',
  },
  notices: {
    noReply: 'This email is only a notification: replies to it are not read. Please answer on the ticket page.',
    safety: 'We never ask for a password, a code or a seed phrase by email.',
  },
  reasons: {
    customer: 'You are receiving this email because this support ticket was opened with your account.',
    guest: 'You are receiving this email because this support ticket was opened with your email address.',
    agent: 'You are receiving this email because you work on this ticket or belong to the support team.',
  },
};

type Words<T> = { [K in keyof T]: T[K] extends string ? string : Words<T[K]> };

/** What every language has to provide; a missing or surplus entry does not compile. */
export type Catalog = Words<typeof en>;
