import { en } from './catalogs/en.js';
import type { Locale } from './locales.js';

/**
 * Who reads it: a requester with an account; a requester with nothing but a mailbox, whose link asks for a code (`guest`) or
 * leads to the system that the ticket came from (`inbound_guest`); somebody who answers.
 */
export type Audience = 'customer' | 'guest' | 'inbound_guest' | 'agent';

type RequesterTemplate = keyof typeof en.requester;
type GuestTemplate = keyof typeof en.guest;
type AgentTemplate = keyof typeof en.agent;
/**
 * The one list of alert mails: the keys under `requester`, `guest` and `agent` of a catalog. `link` and `tickets_waiting` are among
 * them. `code` is not: it has content, layout and a function of its own.
 */
export type TemplateName = RequesterTemplate | GuestTemplate | AgentTemplate;

/** All that a mail can say. No text of anybody is among it, and a template has no way to show anything else. */
export interface AlertContent {
  /** what people read out, such as `7K4M2Q` */
  number: string;
  /** http or https, without user or password; leads to the ticket, of tickets_waiting to the list */
  link: string;
  /** in whose name the mail is sent */
  brand: string;
  /** BCP 47 tag of the recipient, default English */
  locale?: string | undefined;
  /** IANA name, default UTC (also if the name is unknown) */
  timezone?: string | undefined;
  /** when an answer is due or was promised; shown by information_requested, promise_at_risk and promise_missed */
  at?: Date | undefined;
  /** how many replies, or tickets, this mail tells of, default 1; shown by replied, customer_replied and tickets_waiting */
  count?: number | undefined;
}

/** All that the mail with a one-time code can say. It has no link: nobody shall learn to follow one in a mail about codes. */
export interface CodeContent {
  /** six digits */
  code: string;
  /** the ticket that it is for */
  number: string;
  /** absolute http or https address of the pages where it is entered. Only its host is shown, for phones that fill codes in */
  site: string;
  /** in whose name the mail is sent */
  brand: string;
  /** BCP 47 tag of the recipient, default English */
  locale?: string | undefined;
  /** Shown in UTC: where a guest is, nobody knows. */
  expiresAt: Date;
  /** from when it was asked for until `expiresAt`: true however late the mail is */
  validMinutes: number;
}

export interface RenderedAlert {
  /** one line, free of control characters */
  subject: string;
  html: string;
  text: string;
  locale: Locale;
}

/** The words of one template. */
export interface Words {
  subject: string;
  heading: string;
  body: string;
  action: string;
  /** what the time in `at` means */
  deadline?: string;
}

/** Which templates a reader may get. */
export const templates: Record<Audience, readonly TemplateName[]> = {
  customer: Object.keys(en.requester) as RequesterTemplate[],
  guest: [...Object.keys(en.requester), ...Object.keys(en.guest)] as (RequesterTemplate | GuestTemplate)[],
  inbound_guest: Object.keys(en.requester) as RequesterTemplate[],
  agent: Object.keys(en.agent) as AgentTemplate[],
};

/** One shape of one template: everything that changes words, as opposed to what is filled into them. */
export interface Variant<T = TemplateName | 'code'> {
  /** `code` is a mail of its own kind, see {@link CodeContent} */
  template: T;
  audience: Audience;
  locale: Locale;
  /** the form of plural the count asks for; `other` where nothing is counted */
  plural: Intl.LDMLPluralRule;
  hasDeadline: boolean;
}

/** What is filled in, as it is to be read (nothing escaped yet). */
export type Hole = 'number' | 'link' | 'brand' | 'count' | 'date' | 'time' | 'zone' | 'code' | 'host';
export type Values = Record<Hole, string>;
