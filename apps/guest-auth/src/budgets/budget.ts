import { NETWORK_FACTORS, type NetworkLength } from '@bellhop/service';
import type { BudgetSettings } from '../config.js';

/**
 * What is counted. Each purpose has budgets of its own, so that one cannot exhaust another's. `filing` and `link` are mails with a code,
 * `fresh_link` a mail with a link that was requested by ticket number, `guess` a wrong code.
 */
export type Purpose = 'filing' | 'link' | 'fresh_link' | 'guess';

/** Whose spendings are counted together. */
export type Scope = 'address' | 'stem' | 'domain' | NetworkLength | 'instance';

/** At most `max` spendings of one purpose within any `seconds`. */
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
/** Addresses of one stem may be one mailbox or a few people: together they have so many times the limit of one address. */
const STEM_FACTOR = 2;
/** A domain counts as one organisation, with the limit of a network per quarter of an hour and so many times that per day. */
const DOMAIN_DAY_FACTOR = 4;

/** How far the longest limit looks back. */
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
