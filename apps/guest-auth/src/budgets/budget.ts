import { NETWORK_FACTORS, type NetworkLength } from '@bellhop/service';
import type { BudgetSettings } from '../config.js';

/**
 * For what mails are sent, and codes typed. Each has budgets of its own, so one cannot use up another's: `filing` and `link` are
 * codes, `fresh_link` is the mail with a link that somebody asked for by ticket number, `guess` a code that was wrong.
 */
export type Purpose = 'filing' | 'link' | 'fresh_link' | 'guess';

/** Whose spendings count together. */
export type Scope = 'address' | 'stem' | 'domain' | NetworkLength | 'instance';

/** At most `max` spendings of one purpose in any `seconds`. */
export interface Limit {
  readonly scope: Scope;
  readonly seconds: number;
  readonly max: number;
}

const QUARTER_SECONDS = 15 * 60;
const DAY_SECONDS = 24 * 60 * 60;
const PER_QUARTER = 3;
const LENGTHS = Object.keys(NETWORK_FACTORS) as readonly NetworkLength[];
const PER_DAY = { filing: 3, link: 10, fresh_link: 10 } as const;
/** How many times the limit of an address holds for all that have its stem: they may be one mailbox, or a few people. */
const STEM_FACTOR = 2;
/** A domain is taken for one organisation, as a network is; so many times its quarter is its day. */
const DOMAIN_DAY_FACTOR = 4;

/** The longest that any limit looks back. */
export const LONGEST_WINDOW_SECONDS = DAY_SECONDS;

export function limitsOf(purpose: Purpose, settings: BudgetSettings): readonly Limit[] {
  const perQuarter = (scope: Scope, max: number): Limit => ({ scope, seconds: QUARTER_SECONDS, max });
  const ofNetworks = (max: number) => LENGTHS.map((length) => perQuarter(length, max * NETWORK_FACTORS[length]));
  if (purpose === 'guess') {
    return [...ofNetworks(settings.triesPerNetwork), perQuarter('instance', settings.triesPerInstance)];
  }
  return [
    perQuarter('address', PER_QUARTER),
    { scope: 'address', seconds: DAY_SECONDS, max: PER_DAY[purpose] },
    perQuarter('stem', PER_QUARTER * STEM_FACTOR),
    { scope: 'stem', seconds: DAY_SECONDS, max: PER_DAY[purpose] * STEM_FACTOR },
    perQuarter('domain', settings.mailsPerNetwork),
    { scope: 'domain', seconds: DAY_SECONDS, max: settings.mailsPerNetwork * DOMAIN_DAY_FACTOR },
    ...ofNetworks(settings.mailsPerNetwork),
    perQuarter('instance', settings.mailsPerInstance),
  ];
}
