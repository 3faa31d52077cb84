/**
 * The English words, in ICU MessageFormat. This catalog is the reference: its shape is the type of all others, and the names
 * under `requester` and `agent` are the list of templates. A template with a `deadline` can show the time that is due.
 *
 * Open to every message: {number}, {count} (with plural). No message names the brand: it cannot be inflected.
 */
export const en = {
  /** `<link>` marks what leads to the ticket. */
  ticket: 'Support ticket <link>{number}</link>',
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
      body: 'Our support team will look into it, and we will e-mail you as soon as there is news. You can add details on the ticket page at any time.',
      action: 'View ticket',
    },
    replied: {
      subject:
        '{count, plural, one {Your support ticket {number} has a new reply} other {Your support ticket {number} has # new replies}}',
      heading: '{count, plural, one {You have a new reply} other {You have # new replies}}',
      body: '{count, plural, one {Our support team has answered you. Open the ticket to read the reply and to continue the conversation.} other {Our support team has answered you. Open the ticket to read the replies and to continue the conversation.}}',
      action: 'Read and reply',
    },
    information_requested: {
      subject: 'Your support ticket {number} needs information from you',
      heading: 'We need some information from you',
      body: 'To carry on with your ticket, we need a few more details. Open it to see what is missing, and answer there.',
      action: 'See what is needed',
      deadline: 'Please answer by',
    },
    resolved: {
      subject: 'Your support ticket {number} has been resolved',
      heading: 'Your ticket has been resolved',
      body: 'Our support team has marked the problem as solved. If something is still not right, open the ticket and tell us there.',
      action: 'View ticket',
    },
    promise_missed: {
      subject: 'Your support ticket {number} is taking longer than promised',
      heading: 'This is taking longer than promised',
      body: 'We are sorry: you should have heard from us by now. Your ticket is still open, and we will get back to you. There is nothing you need to do.',
      action: 'View ticket',
      deadline: 'Promised by',
    },
  },
  agent: {
    created: {
      subject: 'Support ticket {number} has been opened',
      heading: 'A new ticket has been opened',
      body: 'Open the ticket to read it and to take it on.',
      action: 'Open ticket',
    },
    customer_replied: {
      subject:
        '{count, plural, one {Support ticket {number} has a new reply from the customer} other {Support ticket {number} has # new replies from the customer}}',
      heading: '{count, plural, one {The customer has replied} other {The customer has sent # replies}}',
      body: '{count, plural, one {Open the ticket to read the reply and to answer it.} other {Open the ticket to read the replies and to answer them.}}',
      action: 'Open ticket',
    },
    assigned: {
      subject: 'Support ticket {number} has been assigned to you',
      heading: 'A ticket has been assigned to you',
      body: 'You are now responsible for this ticket. Open it to read the conversation and to answer.',
      action: 'Open ticket',
    },
    reopened: {
      subject: 'Support ticket {number} has been reopened',
      heading: 'The ticket has been reopened',
      body: 'The problem is not settled yet. Open the ticket to see what is still needed.',
      action: 'Open ticket',
    },
    promise_at_risk: {
      subject: 'Support ticket {number} is due soon',
      heading: 'This ticket is due soon',
      body: 'The promised time is near and the customer is still waiting. Please answer before it passes.',
      action: 'Open ticket',
      deadline: 'Promised by',
    },
    promise_missed: {
      subject: 'Support ticket {number} is overdue',
      heading: 'This ticket is overdue',
      body: 'The promised time has passed and the customer is still waiting. Please answer now.',
      action: 'Open ticket',
      deadline: 'Promised by',
    },
  },
  notices: {
    guestLink:
      'This link works only for this mailbox: before the ticket is shown, we will send a one-time code to this address.',
    noReply: 'This e-mail is only a notification: replies to it are not read. Please answer on the ticket page.',
    safety: 'We never ask for a password, a code or a seed phrase by e-mail.',
  },
  reasons: {
    customer: 'You are receiving this e-mail because this support ticket was opened with your account.',
    guest: 'You are receiving this e-mail because this support ticket was opened with your e-mail address.',
    agent: 'You are receiving this e-mail because you work on this ticket or belong to the support team.',
  },
};

type Words<T> = { [K in keyof T]: T[K] extends string ? string : Words<T[K]> };

/** What every language has to provide; a missing or surplus entry does not compile. */
export type Catalog = Words<typeof en>;
