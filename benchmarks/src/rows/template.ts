import { type AlertContent, renderAlert, type TemplateName } from '@bellhop/email-templates';
import { renderFresh } from '@bellhop/email-templates/fresh';
import { toPlainText } from '@react-email/render';
import { ratio } from '../report/figures.js';
import type { Context, Row } from '../row.js';
import { goal } from './goal.js';

const AT_LEAST = 500;

/** With a date and time, the slowest part of a compiled template. */
const content = (index: number): AlertContent => ({
  number: `7K4M${index % 100}`,
  link: `https://support.example.com/tickets/${index}`,
  brand: 'Example Exchange',
  locale: 'pl-PL',
  timezone: 'Europe/Warsaw',
  at: new Date(1_790_000_000_000 + index * 60_000),
});

function row(name: string, template: TemplateName, title: string): Row {
  return {
    name,
    title,
    async run({ isQuick, measure }: Context) {
      const counts = isQuick ? { ours: 20_000, fresh: 50 } : { ours: 300_000, fresh: 300 };
      const { 'compiled template': ours, ...others } = await measure({
        'compiled template': () => perSecond(counts.ours, (index) => renderAlert(template, 'customer', content(index))),
        'react-email, HTML and its plain text': () => perSecond(counts.fresh, (index) => asUsual(template, index)),
        'react-email, HTML and our text': () =>
          perSecond(counts.fresh, (index) => renderFresh(template, 'customer', content(index))),
      });
      return {
        unit: 'mails/s',
        figures: [ours],
        others: Object.values(others),
        goals: [goal(ratio(ours, others['react-email, HTML and its plain text']), AT_LEAST, '× react-email')],
        notes: [
          'Templates: subject, HTML and our text are the same as rendered, byte for byte, which their tests see to. Usually the text is made from the HTML; ours is not.',
        ],
      };
    },
  };
}

/** The most common mail, and the slowest one, which contains a date and time. */
export const templates: readonly Row[] = [
  row('template', 'replied', 'a mail from its template: subject, HTML and text'),
  row('template-date', 'information_requested', 'the same with a date in words'),
];

async function asUsual(template: TemplateName, index: number): Promise<string> {
  const { html } = await renderFresh(template, 'customer', content(index));
  return toPlainText(html);
}

async function perSecond(count: number, make: (index: number) => unknown): Promise<number> {
  for (let index = 0; index < count / 10; index++) await make(index);
  const startedAt = performance.now();
  for (let index = 0; index < count; index++) {
    const made = make(index);
    // Awaiting a value that is no promise would be most of the measured time.
    if (made instanceof Promise) await made;
  }
  return count / ((performance.now() - startedAt) / 1_000);
}
