import { type AlertContent, compileAll, renderAlert } from '@bellhop/email-templates';
import { renderFresh } from '@bellhop/email-templates/fresh';
import { ratio } from '../report/figures.js';
import type { Context, Row } from '../row.js';
import { goal } from './goal.js';

const AT_LEAST = 500;

/** With a moment in it, which is what takes a compiled template longest. */
const content = (index: number): AlertContent => ({
  number: `7K4M${index % 100}`,
  link: `https://support.example.com/tickets/${index}`,
  brand: 'Example Exchange',
  locale: 'pl-PL',
  timezone: 'Europe/Warsaw',
  at: new Date(1_790_000_000_000 + index * 60_000),
});

export const template: Row = {
  name: 'template',
  title: 'a mail from its template: subject, HTML and text',
  async measure({ repeat, isQuick }: Context) {
    await compileAll();
    const make = (index: number) => renderAlert('information_requested', 'customer', content(index));
    const makeFresh = (index: number) => renderFresh('information_requested', 'customer', content(index));
    if (JSON.stringify(make(1)) !== JSON.stringify(await makeFresh(1))) throw new Error('the two mails differ');
    const counts = isQuick ? { ours: 20_000, fresh: 50 } : { ours: 500_000, fresh: 500 };
    const ours = await repeat('compiled template', () => perSecond(counts.ours, make));
    const fresh = await repeat('react-email render()', () => perSecond(counts.fresh, makeFresh));
    return {
      unit: 'mails/s',
      figures: [ours],
      others: [fresh],
      goals: [goal(ratio(ours, fresh), AT_LEAST, '× render()')],
      notes: ['The same output, byte for byte: looked at before it is measured.'],
    };
  },
};

async function perSecond(count: number, make: (index: number) => unknown): Promise<number> {
  for (let index = 0; index < count / 10; index++) await make(index);
  const startedAt = performance.now();
  for (let index = 0; index < count; index++) {
    const made = make(index);
    // Waiting for what is no promise would be most of what is measured.
    if (made instanceof Promise) await made;
  }
  return count / ((performance.now() - startedAt) / 1_000);
}
