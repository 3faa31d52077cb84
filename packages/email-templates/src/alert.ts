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

/**
 * Everything that an alert can show, and a template cannot show anything else. No text of customers or agents is part of it, but for
 * the phrase, which nobody but the person who chose it gets to see.
 */
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
  /** number of replies, or of tickets, default 1; shown by replied, customer_replied and tickets_waiting */
  count?: number | undefined;
  /**
   * the recipient's own anti-phishing phrase, such as `blue teapot 42`, 3 to 60 characters; shown to whoever {@link canHavePhrase},
   * never in the subject, nor in what a list of mails shows beside it
   */
  phrase?: string | undefined;
}

/** Everything that the mail with a one-time code can show. No link: readers must not get used to links in mails about codes. */
export interface CodeContent {
  /** six digits */
  code: string;
  /** the ticket that it is for */
  number: string;
  /** absolute http or https address of the pages where it is entered; only its host is shown, for phones that fill codes in */
  site: string;
  /** in whose name the mail is sent */
  brand: string;
  /** BCP 47 tag of the recipient, default English */
  locale?: string | undefined;
  /** shown in UTC, because the time zone of a guest is unknown */
  expiresAt: Date;
  /** from the request of the code until `expiresAt`: right however late the mail arrives */
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

/** A phrase belongs to a customer's account: guests have none, and mails to the team show none. */
export function canHavePhrase(audience: Audience): boolean {
  return audience === 'customer';
}

/** One variant of one mail: everything that changes its words or layout, as opposed to the values filled in. */
export interface Variant<T = TemplateName | 'code'> {
  /** `code`: see {@link CodeContent} */
  template: T;
  audience: Audience;
  locale: Locale;
  /** the plural form of the count; `other` where nothing is counted */
  plural: Intl.LDMLPluralRule;
  hasDeadline: boolean;
  hasPhrase: boolean;
}

/** The names of all values that a mail can show. A closed list: text of a ticket has no name here. */
export const placeholders = [
  'number',
  'link',
  'brand',
  'count',
  'date',
  'time',
  'zone',
  'phrase',
  'code',
  'host',
] as const;
export type Placeholder = (typeof placeholders)[number];

/** One value per placeholder, formatted for its reader and not yet escaped; empty where the mail does not show it. */
export type Values = Record<Placeholder, string>;
