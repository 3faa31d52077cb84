import type { CSSProperties } from 'react';
import { type Locale, languages } from './locales.js';

interface Palette {
  page: string;
  card: string;
  line: string;
  ink: string;
  quiet: string;
  accent: string;
  tint: string;
  button: string;
  buttonInk: string;
}

/** Contrast of ink, quiet and accent on page, card and tint is at least 4.5:1 (tested). */
export const light: Palette = {
  page: '#f6f5f2',
  card: '#ffffff',
  line: '#e6e3dc',
  ink: '#1d1b18',
  quiet: '#615c54',
  accent: '#8a5a00',
  tint: '#faf5ea',
  button: '#1d1b18',
  buttonInk: '#ffffff',
};

export const dark: Palette = {
  page: '#141311',
  card: '#1e1c1a',
  line: '#35322d',
  ink: '#f1eee8',
  quiet: '#b3ada3',
  accent: '#e5b565',
  tint: '#2a251b',
  button: '#f1eee8',
  buttonInk: '#1d1b18',
};

/** For pages that belong to a mail. */
export const palettes = { light, dark };

export function fontFamily(locale: Locale): string {
  return `-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',${languages[locale].fonts}Arial,sans-serif`;
}

/** Inline styles, because many clients drop style sheets. */
export const styles = {
  preheader: { display: 'none', overflow: 'hidden', lineHeight: '1px', opacity: 0, maxHeight: 0, maxWidth: 0 },
  page: { backgroundColor: light.page, padding: '40px 16px' },
  container: { maxWidth: '520px' },
  brand: {
    color: light.ink,
    fontSize: '15px',
    lineHeight: '24px',
    fontWeight: 600,
    margin: '0 0 20px',
    padding: '0 4px',
  },
  mark: {
    backgroundColor: light.accent,
    borderRadius: '8px 8px 2px 2px',
    display: 'inline-block',
    width: '16px',
    height: '9px',
    marginRight: '10px',
  },
  card: {
    backgroundColor: light.card,
    border: `1px solid ${light.line}`,
    borderRadius: '12px',
    padding: '36px',
  },
  ticket: { color: light.quiet, fontSize: '14px', lineHeight: '20px', margin: '0 0 8px' },
  link: { color: light.accent, fontWeight: 600, textDecoration: 'underline' },
  heading: {
    color: light.ink,
    fontSize: '24px',
    lineHeight: '32px',
    fontWeight: 600,
    letterSpacing: '-0.01em',
    margin: '0 0 12px',
  },
  body: { color: light.ink, fontSize: '16px', lineHeight: '26px', margin: '0 0 24px' },
  deadline: { backgroundColor: light.tint, borderRadius: '8px', padding: '14px 18px' },
  deadlineLabel: { color: light.quiet, fontSize: '13px', lineHeight: '20px', margin: '0' },
  deadlineMoment: {
    color: light.ink,
    fontSize: '16px',
    lineHeight: '24px',
    fontWeight: 600,
    margin: '2px 0 0',
    // Chinese would otherwise break inside the name of the day.
    wordBreak: 'keep-all',
    // Better a short second line than a date without its year.
    textWrap: 'wrap',
  },
  phrase: { padding: '0 0 24px' },
  phraseWords: {
    color: light.ink,
    fontSize: '16px',
    lineHeight: '24px',
    fontWeight: 600,
    margin: '2px 0',
    // Sixty letters without a space would widen the card.
    wordBreak: 'break-word',
  },
  codeBox: { backgroundColor: light.tint, borderRadius: '8px', padding: '20px 12px', textAlign: 'center' },
  code: {
    color: light.ink,
    fontSize: '40px',
    lineHeight: '48px',
    fontWeight: 700,
    fontVariantNumeric: 'tabular-nums',
    // The space behind the last digit would push the code off its centre.
    letterSpacing: '0.14em',
    margin: '0 0 0 0.14em',
    whiteSpace: 'nowrap',
  },
  codeValidity: { padding: '16px 0 24px' },
  action: { paddingBottom: '28px' },
  actionBelowDeadline: { padding: '24px 0 28px' },
  button: {
    backgroundColor: light.button,
    border: `1px solid ${light.button}`,
    borderRadius: '8px',
    color: light.buttonInk,
    fontSize: '16px',
    fontWeight: 600,
    lineHeight: '24px',
    padding: '14px 28px',
    textAlign: 'center',
  },
  aside: { borderTop: `1px solid ${light.line}`, paddingTop: '20px' },
  note: { color: light.quiet, fontSize: '14px', lineHeight: '22px', margin: '0' },
  nextNote: { color: light.quiet, fontSize: '14px', lineHeight: '22px', margin: '10px 0 0' },
  footer: { paddingTop: '20px' },
  small: { color: light.quiet, fontSize: '13px', lineHeight: '20px', margin: '0 0 10px', padding: '0 4px' },
} satisfies Record<string, CSSProperties>;

/** Dark colours, and a full-width button on narrow screens. `!important` to win over the inline styles. */
export const styleSheet = `:root{color-scheme:light dark;supported-color-schemes:light dark}
h1{text-wrap:balance}p{text-wrap:pretty}
@media (max-width:480px){.card{padding:28px 22px!important}.button{display:block!important}.page>table>tbody>tr>td{padding:24px 12px!important}}
@media (prefers-color-scheme:dark){.page,.page>table>tbody>tr>td{background-color:${dark.page}!important}.card{background-color:${dark.card}!important;border-color:${dark.line}!important}.ink{color:${dark.ink}!important}.quiet{color:${dark.quiet}!important}.link{color:${dark.accent}!important}.mark{background-color:${dark.accent}!important}.deadline{background-color:${dark.tint}!important}.aside{border-color:${dark.line}!important}.button{background-color:${dark.button}!important;border-color:${dark.button}!important;color:${dark.buttonInk}!important}}`;
