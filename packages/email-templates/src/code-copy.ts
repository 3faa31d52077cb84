import type { Values, Variant } from './alert.js';
import { formatMessage } from './format-message.js';
import { languages } from './locales.js';

/** All the sentences of the mail with a one-time code. Neither subject nor preheader has the code: both are shown on locked screens. */
export interface CodeCopy {
  subject: string;
  preheader: string;
  ticket: string;
  heading: string;
  body: string;
  code: string;
  deadline: { label: string; moment: string; zone: string; sentence: string };
  validity: string;
  secret: string;
  ignore: string;
  noReply: string;
  reason: string;
  /**
   * Binds the code to our host, so that a phone offers to fill it in there and nowhere else. A line of its own, the last one
   * (https://wicg.github.io/sms-one-time-codes/, which Apple reads in mails, too).
   */
  boundLine: string;
}

export function composeCodeCopy(variant: Variant<'code'>, values: Values): CodeCopy {
  const { catalog } = languages[variant.locale];
  const { code } = catalog;
  const say = (message: string, more: Record<string, string> = {}) =>
    formatMessage(message, variant, { ...values, ...more })
      .map((part) => (typeof part === 'string' ? part : part.linked))
      .join('');
  const label = say(code.deadline);
  const moment = say(catalog.moment);
  const sentence = say(catalog.labelled, { label, value: say(catalog.momentInZone, { moment }) });
  return {
    subject: say(code.subject),
    preheader: sentence,
    ticket: say(catalog.ticket),
    heading: say(code.heading),
    body: say(code.body),
    code: values.code,
    deadline: { label, moment, zone: values.zone, sentence },
    validity: say(code.validity),
    secret: say(code.secret),
    ignore: say(code.ignore),
    noReply: say(code.noReply),
    reason: say(code.reason),
    boundLine: `@${values.host} #${values.code}`,
  };
}

/** The same sentences as plain text. Nothing may follow the last line. */
export function codeText(copy: CodeCopy, brand: string): string {
  const paragraphs = [
    brand,
    `${copy.ticket}\n${copy.heading}`,
    copy.code,
    copy.body,
    `${copy.deadline.sentence}\n${copy.validity}`,
    `${copy.secret}\n${copy.ignore}`,
    `${copy.noReply}\n${copy.reason}`,
    copy.boundLine,
  ];
  return `${paragraphs.join('\n\n')}\n`;
}
