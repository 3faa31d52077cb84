import { createHash } from 'node:crypto';
import { normaliseAddress } from '@bellhop/contracts';

/**
 * For what mails are sent, and codes typed. Each has budgets of its own, so one cannot use up another's: `filing` and `link` are
 * codes, `fresh_link` is the mail with a link that somebody asked for by ticket number, `guess` a code that was wrong.
 */
export type Purpose = 'filing' | 'link' | 'fresh_link' | 'guess';

/** Whose spendings count together. */
export type Scope = 'address' | 'network' | 'wide' | 'widest' | 'instance';

/** At most `max` spendings of one purpose in any `seconds`. */
export interface Limit {
  readonly scope: Scope;
  readonly seconds: number;
  readonly max: number;
}

/** What an operator chooses. */
export interface BudgetSettings {
  readonly mailsPerNetwork: number;
  readonly mailsPerInstance: number;
  readonly triesPerNetwork: number;
  readonly triesPerInstance: number;
}

const QUARTER_SECONDS = 15 * 60;
const DAY_SECONDS = 24 * 60 * 60;
const PER_QUARTER = 3;
/**
 * How many times the limit of a network holds for the wider ones around it: room for many people who have nothing to do with each
 * other, and not for one with hundreds of networks.
 */
const WIDE_FACTOR = 4;
const WIDEST_FACTOR = 16;
const PER_DAY = { filing: 3, link: 10, fresh_link: 10 } as const;

/** The longest that any limit looks back. */
export const LONGEST_WINDOW_SECONDS = DAY_SECONDS;

export function limitsOf(purpose: Purpose, settings: BudgetSettings): readonly Limit[] {
  const perQuarter = (scope: Scope, max: number): Limit => ({ scope, seconds: QUARTER_SECONDS, max });
  const ofNetworks = (max: number) => [
    perQuarter('network', max),
    perQuarter('wide', max * WIDE_FACTOR),
    perQuarter('widest', max * WIDEST_FACTOR),
  ];
  if (purpose === 'guess') {
    return [...ofNetworks(settings.triesPerNetwork), perQuarter('instance', settings.triesPerInstance)];
  }
  return [
    perQuarter('address', PER_QUARTER),
    { scope: 'address', seconds: DAY_SECONDS, max: PER_DAY[purpose] },
    ...ofNetworks(settings.mailsPerNetwork),
    perQuarter('instance', settings.mailsPerInstance),
  ];
}

/**
 * Which budget an address has: SHA-256 of its mailbox. Most providers deliver what stands behind a plus to the same mailbox, so
 * it would be a new budget for nothing.
 */
export function bucketOf(address: string): Buffer {
  const normal = normaliseAddress(address);
  const at = normal.lastIndexOf('@');
  const plus = normal.indexOf('+');
  const mailbox = plus > 0 && plus < at ? normal.slice(0, plus) + normal.slice(at) : normal;
  return createHash('sha256').update(mailbox).digest();
}
