import { readdirSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { render } from '@react-email/render';
import { type ComponentType, createElement } from 'react';
import { templates } from '../src/alert.js';
import { allSamples } from '../src/preview/samples.js';
import { renderVariant } from '../src/render-variant.js';

const fileOf = (template: string) => `${template.replaceAll('_', '-')}.tsx`;
const folder = new URL('../emails/', import.meta.url);

it('has one file for each mail', () => {
  const mails = new Set(['code', ...Object.values(templates).flat()]);
  const files = readdirSync(folder).filter((name) => name !== 'preview.tsx');
  expect(files.sort()).toEqual([...mails].map(fileOf).sort());
});

it.each(allSamples())("shows $id in react-email's preview as it is sent", async ({ variant, values }) => {
  const { template, audience, locale, hasDeadline, hasPhrase } = variant;
  const count = Number(values.count);
  const { default: Mail } = (await import(`../emails/${fileOf(template)}`)) as { default: ComponentType<object> };
  const props =
    template === 'code' ? { locale, validMinutes: count } : { audience, locale, count, hasDeadline, hasPhrase };
  expect(await render(createElement(Mail, props))).toBe((await renderVariant(variant, values)).html);
});
