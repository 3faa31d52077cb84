import { configFields, integerField, parsedField } from '@bellhop/http';
import { erasureKeysField, identityConfig, serviceConfig } from '@bellhop/service';
import { z } from 'zod';
import { type GuestKeys, parseGuestKeys } from './secrets/guest-keys.js';

const limit = (fallback: number, description: string) =>
  integerField({ min: 1, max: 1_000_000, description, example: String(fallback) }).default(fallback);

/** Every setting of this app, read from the environment once. */
export const configSchema = z.object({
  ...serviceConfig('guest-auth'),
  ...identityConfig,
  TRUSTED_PROXIES: configFields.TRUSTED_PROXIES,
  GUEST_AUTH_KEY: parsedField(parseGuestKeys, {
    description:
      'the key of codes and links, 32 bytes in base64; to rotate, put a new key in front, separated by a comma',
    example: '(made by: openssl rand -base64 32)',
  }),
  ERASURE_KEY: erasureKeysField,
  MAILS_PER_NETWORK: limit(
    30,
    'the maximum number of mails of one purpose requested in 15 minutes from one IPv4 address or IPv6 /64; the networks around it (/24 or /56, /48, /16 or /32) have 2, 4 and 16 times as many',
  ),
  MAILS_PER_INSTANCE: limit(1_000, 'the maximum number of mails of one purpose requested by everybody in 15 minutes'),
  CODE_TRIES_PER_NETWORK: limit(
    30,
    'the maximum number of wrong codes entered in 15 minutes from one IPv4 address or IPv6 /64; the networks around it have the same multiples',
  ),
  CODE_TRIES_PER_INSTANCE: limit(1_000, 'the maximum number of wrong codes entered by everybody in 15 minutes'),
});

export type Config = z.output<typeof configSchema>;

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

  constructor(config: Config) {
    this.keys = config.GUEST_AUTH_KEY;
    this.budgets = {
      mailsPerNetwork: config.MAILS_PER_NETWORK,
      mailsPerInstance: config.MAILS_PER_INSTANCE,
      triesPerNetwork: config.CODE_TRIES_PER_NETWORK,
      triesPerInstance: config.CODE_TRIES_PER_INSTANCE,
    };
  }
}
