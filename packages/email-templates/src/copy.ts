import type { Audience, TemplateName, Values, Variant } from './alert.js';
import { formatMessage, type Linked } from './format-message.js';
import { languages } from './locales.js';
import { wordsOf } from './words.js';

/** All sentences of one alert. Its HTML and its plain text are both made from them. */
export interface AlertCopy {
  subject: string;
  /** what a list of mails shows beside the subject */
  preheader: string;
  ticket: readonly (string | Linked)[];
  heading: string;
  body: string;
  deadline?: { label: string; moment: string; zone: string; sentence: string };
  /** by which a customer knows that the mail is ours */
  phrase?: { label: string; value: string; note: string; sentence: string };
  action: string;
  actionSentence: string;
  /** what to know before following the link; guests only */
  access?: string;
  noReply: string;
  safety: string;
  reason: string;
}

export function composeCopy(variant: Variant<TemplateName>, values: Values): AlertCopy {
  const { catalog } = languages[variant.locale];
  const words = wordsOf(variant.template, variant.audience, variant.locale);
  const say = (message: string, more: Record<string, string> = {}) =>
    formatMessage(message, variant, { ...values, ...more }).join('');
  const body = say(words.body);
  const copy: AlertCopy = {
    subject: say(words.subject),
    preheader: body,
    ticket: formatMessage(variant.template === 'tickets_waiting' ? catalog.tickets : catalog.ticket, variant, values),
    heading: say(words.heading),
    body,
    action: say(words.action),
    actionSentence: say(catalog.labelled, { label: say(words.action), value: values.link }),
    noReply: say(catalog.notices.noReply),
    safety: say(catalog.notices.safety),
    reason: say(catalog.reasons[isGuest(variant.audience) ? 'guest' : variant.audience]),
  };
  if (isGuest(variant.audience)) copy.access = say(catalog.links[variant.audience]);
  if (variant.hasPhrase) {
    const label = say(catalog.phrase.label);
    const value = values.phrase;
    copy.phrase = { label, value, note: say(catalog.phrase.note), sentence: say(catalog.labelled, { label, value }) };
  }
  if (!variant.hasDeadline) return copy;
  const label = say(words.deadline!);
  const moment = say(catalog.moment);
  const sentence = say(catalog.labelled, { label, value: say(catalog.momentInZone, { moment }) });
  // In a list of mails, a time that has passed is no news.
  const preheader = variant.template === 'promise_missed' ? body : sentence;
  return { ...copy, preheader, deadline: { label, moment, zone: values.zone, sentence } };
}

function isGuest(audience: Audience): audience is 'guest' | 'inbound_guest' {
  return audience === 'guest' || audience === 'inbound_guest';
}
