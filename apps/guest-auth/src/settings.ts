import type { BudgetSettings } from './budgets/budget.js';
import type { GuestAuthConfig } from './guest-auth-config.js';
import type { GuestKeys } from './secrets/guest-keys.js';

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
