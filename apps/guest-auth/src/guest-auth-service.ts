import { streamsReadBy } from '@bellhop/contracts/streams';
import { AddInboxContents, CreateInbox, CreateOutbox, CreateOutboxStreams } from '@bellhop/outbox';
import { CreateErasures, CreateIdempotencyKeys, identityFrom, type ServiceDefinition } from '@bellhop/service';
import { GuestAuthModule } from './guest-auth.module.js';
import type { GuestAuthConfig } from './guest-auth-config.js';
import { AddMailboxBudgets } from './migrations/add-mailbox-budgets.js';
import { AddNarrowNetworks } from './migrations/add-narrow-networks.js';
import { AddWiderNetworks } from './migrations/add-wider-networks.js';
import { CreateGuestAccess } from './migrations/create-guest-access.js';
import { KeepTypedAddresses } from './migrations/keep-typed-addresses.js';

export const migrations = [
  CreateOutbox,
  CreateInbox,
  CreateOutboxStreams,
  AddInboxContents,
  CreateIdempotencyKeys,
  CreateGuestAccess,
  AddWiderNetworks,
  KeepTypedAddresses,
  AddMailboxBudgets,
  CreateErasures,
  AddNarrowNetworks,
];
/** A link, a code, a number and an address: no request needs more. */
const MAX_BODY_BYTES = 4 * 1024;

/** What `guest-auth` is made of. */
export function guestAuthService(config: GuestAuthConfig): ServiceDefinition {
  return {
    name: 'guest-auth',
    port: config.PORT,
    opsPort: config.OPS_PORT,
    opsHost: config.OPS_HOST,
    host: config.HOST,
    natsUrl: config.NATS_URL,
    databaseUrl: config.DATABASE_URL,
    publicUrl: config.PUBLIC_URL,
    identity: identityFrom(config),
    logLevel: config.LOG_LEVEL,
    databasePoolSize: config.DATABASE_POOL_SIZE,
    ...(config.TRUSTED_PROXIES && { trustedProxies: config.TRUSTED_PROXIES }),
    migrations,
    entities: [],
    consumes: streamsReadBy('guest-auth'),
    bodyLimitBytes: MAX_BODY_BYTES,
    modules: [GuestAuthModule.configured(config)],
  };
}
