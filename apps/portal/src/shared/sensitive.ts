/** What nobody should send us. */
export type Sensitive = 'card' | 'iban' | 'seed';

const CARD = /(?<![\p{L}\p{N}])[3-6](?:[ -]?\d){12,18}(?![\p{L}\p{N}])/gu;
/** Of American Express and Diners, Visa, Mastercard, and the others. */
const CARD_LENGTHS = /^(?:3\d{13,14}|4\d{12}(?:\d{3}){0,2}|5\d{15}|6\d{15,18})$/;
const IBAN = /(?<![\p{L}\p{N}])[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}(?![\p{L}\p{N}])/gu;
/** Lengths of a seed phrase (BIP 39). */
const SEED_LENGTHS = new Set([12, 15, 18, 21, 24]);
const SEED_WORD = /^[a-z]{3,8}$/;
/** Common in sentences, and in no seed phrase. */
const SENTENCE_WORDS = new Set(
  'the and was has have with not you your that this for but are did from they our his her'.split(' '),
);

/**
 * The first thing in a text that looks like it must not be sent: a card number (its check digit is right), an IBAN (so is its checksum), or
 * a line that is nothing but the words of a seed phrase. A warning is all that follows: a number of an order may look like one.
 */
export function sensitiveIn(text: string): Sensitive | null {
  const plain = text.normalize('NFKC');
  if ((plain.match(CARD) ?? []).some(isCard)) return 'card';
  if ((plain.match(IBAN) ?? []).some(isIban)) return 'iban';
  return plain.split('\n').some(isSeed) ? 'seed' : null;
}

/** Luhn (ISO/IEC 7812-1). */
function isCard(written: string): boolean {
  const number = written.replace(/\D/g, '');
  const digits = [...number].map(Number).reverse();
  const sum = digits.reduce((total, digit, at) => {
    const weighed = at % 2 === 1 ? digit * 2 : digit;
    return total + (weighed > 9 ? weighed - 9 : weighed);
  }, 0);
  return sum % 10 === 0 && CARD_LENGTHS.test(number);
}

/** ISO 13616: the first four characters at the end, letters as numbers, modulo 97. */
function isIban(written: string): boolean {
  const plain = written.replaceAll(' ', '');
  const digits = (plain.slice(4) + plain.slice(0, 4)).replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
  let rest = 0;
  for (const digit of digits) rest = (rest * 10 + Number(digit)) % 97;
  return rest === 1;
}

function isSeed(line: string): boolean {
  const words = line
    .replace(/\d+[.)]/g, ' ')
    .split(/[\s,]+/)
    .filter(Boolean);
  const isPhrase = SEED_LENGTHS.has(words.length) && words.every((word) => SEED_WORD.test(word));
  return isPhrase && !words.some((word) => SENTENCE_WORDS.has(word));
}
