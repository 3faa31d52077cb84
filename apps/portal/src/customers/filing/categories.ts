import type { FileTicketRequest } from '@bellhop/contracts/http';
import type { MessageId } from '../../shared/intl.js';

export type Category = FileTicketRequest['category'];

/** In the order in which they are offered; `hint` says what helps to solve it. */
export const CATEGORIES = [
  { category: 'deposit-withdrawal', label: 'category.deposit-withdrawal', hint: 'hint.deposit-withdrawal' },
  { category: 'trading', label: 'category.trading', hint: 'hint.trading' },
  { category: 'account-security', label: 'category.account-security', hint: 'hint.account-security' },
  { category: 'promotions', label: 'category.promotions', hint: 'hint.promotions' },
  { category: 'other', label: 'category.other', hint: 'hint.other' },
] as const satisfies readonly { category: Category; label: MessageId; hint: MessageId }[];

export const hintOf = (category: string | undefined): MessageId | undefined =>
  CATEGORIES.find((known) => known.category === category)?.hint;
