import { streamsReadBy } from '@bellhop/contracts/streams';
import { AddInboxContents, CreateInbox, CreateOutbox, CreateOutboxStreams } from '@bellhop/outbox';
import { CreateErasures, CreateIdempotencyKeys, type ServiceDefinition } from '@bellhop/service';
import type { Config } from './config.js';
import { GuestAuthModule } from './guest-auth.module.js';
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
export function guestAuthService(config: Config): ServiceDefinition {
  return {
    name: 'guest-auth',
    migrations,
    entities: [],
    consumes: streamsReadBy('guest-auth'),
    bodyLimitBytes: MAX_BODY_BYTES,
    modules: [GuestAuthModule.configured(config)],
  };
}
