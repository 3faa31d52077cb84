import { streamsReadBy } from '@bellhop/contracts/streams';
import { AddInboxContents, CreateInbox, CreateOutbox, CreateOutboxStreams } from '@bellhop/outbox';
import { CreateErasures, CreateIdempotencyKeys, RpcGuestSessions, type ServiceDefinition } from '@bellhop/service';
import type { Config } from './config.js';
import { AddBatches } from './migrations/add-batches.js';
import { AddCopies } from './migrations/add-copies.js';
import { AddFeed } from './migrations/add-feed.js';
import { AddFeedback } from './migrations/add-feedback.js';
import { AddGuestMails } from './migrations/add-guest-mails.js';
import { AddMailChecks } from './migrations/add-mail-checks.js';
import { AddPreferences } from './migrations/add-preferences.js';
import { AddProviderLimits } from './migrations/add-provider-limits.js';
import { AddPush } from './migrations/add-push.js';
import { AddReplays } from './migrations/add-replays.js';
import { AddSent } from './migrations/add-sent.js';
import { CreateAuditEntries } from './migrations/create-audit-entries.js';
import { CreateDeliveries } from './migrations/create-deliveries.js';
import { FoldTeamMails } from './migrations/fold-team-mails.js';
import { IndexRetrying } from './migrations/index-retrying.js';
import { KeepMailboxes } from './migrations/keep-mailboxes.js';
import { NameEndpoints } from './migrations/name-endpoints.js';
import { ReindexLeases } from './migrations/reindex-leases.js';
import { ReindexStates } from './migrations/reindex-states.js';
import { SuppressBySystem } from './migrations/suppress-by-system.js';
import { NotificationsModule } from './notifications.module.js';

export const migrations = [
  CreateOutbox,
  CreateInbox,
  CreateOutboxStreams,
  AddInboxContents,
  CreateDeliveries,
  AddBatches,
  AddFeedback,
  AddReplays,
  AddGuestMails,
  IndexRetrying,
  CreateIdempotencyKeys,
  AddCopies,
  CreateAuditEntries,
  ReindexStates,
  CreateErasures,
  SuppressBySystem,
  KeepMailboxes,
  FoldTeamMails,
  ReindexLeases,
  NameEndpoints,
  AddPush,
  AddFeed,
  AddPreferences,
  AddSent,
  AddMailChecks,
  AddProviderLimits,
];

/**
 * Of each stream: what two commits of intake hold, and one more that is being read meanwhile. More would only wait here, and be
 * carried along by the garbage collector (a tenth of the process' time at 1,000).
 */
const MAX_IN_FLIGHT = 750;

export function notificationsService(config: Config): ServiceDefinition {
  return {
    name: 'notifications',
    guestSessions: RpcGuestSessions,
    migrations,
    entities: [],
    consumes: streamsReadBy('notifications'),
    maxInFlight: MAX_IN_FLIGHT,
    modules: [NotificationsModule.configured(config)],
  };
}
