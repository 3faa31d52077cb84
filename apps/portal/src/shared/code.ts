import { CODE_LENGTH } from '@bellhop/contracts/constants';

/** Six digits, with at most one space, dash or dot between two of them, and no digit beside them. */
const RUN = /(?<![\p{L}\p{N}])\p{Nd}(?:[\s.\p{Pd}]?\p{Nd}){5}(?![\p{L}\p{N}])/u;

/**
 * The digits of a code as people type and paste it: `123 456`, `１２３４５６`, `Your code is 123-456.` At most six.
 * Where there is text around, only a run of six digits counts, so that a ticket number does not.
 */
export function digitsOf(typed: string): string {
  const plain = typed.normalize('NFKC').replace(/[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu, '');
  const text = plain.match(RUN)?.[0] ?? plain;
  return (text.match(/\p{Nd}/gu) ?? []).map(numberOf).join('').slice(0, CODE_LENGTH);
}

/** The ten digits of a script stand side by side, from zero to nine (Unicode, §4.6). */
function numberOf(digit: string): string {
  const at = digit.codePointAt(0) ?? 0;
  let first = at;
  while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first--;
  return String((at - first) % 10);
}
