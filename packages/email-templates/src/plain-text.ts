import type { AlertCopy } from './copy.js';

/** The same sentences as plain text, in the order of the HTML. The link appears once. */
export function plainText(copy: AlertCopy, brand: string): string {
  const ticket = copy.ticket.map((part) => (typeof part === 'string' ? part : part.linked)).join('');
  const paragraphs = [
    brand,
    `${ticket}\n${copy.heading}`,
    copy.body,
    ...(copy.phrase ? [`${copy.phrase.sentence}\n${copy.phrase.note}`] : []),
    ...(copy.deadline ? [copy.deadline.sentence] : []),
    copy.actionSentence,
    ...(copy.access ? [copy.access] : []),
    `${copy.noReply}\n${copy.safety}`,
    copy.reason,
  ];
  return `${paragraphs.join('\n\n')}\n`;
}
