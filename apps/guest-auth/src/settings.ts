import type { GuestAuthConfig } from './guest-auth-config.js';
import type { GuestKeys } from './secrets/guest-keys.js';

/** Limits that an operator sets, each per 15 minutes. Those of a network are for the narrowest one; wider ones have multiples of it. */
export interface BudgetSettings {
  readonly mailsPerNetwork: number;
  readonly mailsPerInstance: number;
  readonly triesPerNetwork: number;
  readonly triesPerInstance: number;
}

/** The settings as the code uses them. */
export class Settings {
  readonly keys: GuestKeys;
  readonly budgets: BudgetSettings;

  constructor(config: GuestAuthConfig) {
    this.keys = config.GUEST_AUTH_KEY;
    this.budgets = {
      mailsPerNetwork: config.MAILS_PER_NETWORK,
      mailsPerInstance: config.MAILS_PER_INSTANCE,
      triesPerNetwork: config.CODE_TRIES_PER_NETWORK,
      triesPerInstance: config.CODE_TRIES_PER_INSTANCE,
    };
  }
}
