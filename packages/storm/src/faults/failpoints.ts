import type { ServiceName } from '@bellhop/contracts/streams';

/**
 * Every place where a process can be made to die, to fail or to dawdle: a comment `// failpoint: <name>` on a line of its
 * own, in an async function of a built file. The comments themselves do nothing.
 */
export interface Failpoint {
  /** The processes that pass it. */
  readonly apps: readonly ServiceName[];
  /** What has happened when it is reached, and what has not. */
  readonly means: string;
}

const notifications = ['notifications'] as const;
const tickets = ['tickets'] as const;
const both = ['tickets', 'notifications'] as const;

export const failpoints = {
  'tickets.committed': { apps: tickets, means: 'a ticket has changed and its event is committed; nobody was answered' },
  'outbox.appended': {
    apps: both,
    means: 'events are in the outbox; the transaction that tells of them is still open',
  },
  'relay.read': { apps: both, means: 'unpublished events were read; none of them is published' },
  'relay.published': { apps: both, means: 'NATS has stored them; the outbox does not know it' },
  'relay.marked': { apps: both, means: 'they are marked as published' },
  'rollback.detected': { apps: both, means: 'the stream is known to have lost its end; nothing is done about it' },
  'rollback.consumer_deleted': {
    apps: both,
    means: 'a consumer that stood ahead of its stream is gone; there is no other',
  },
  'rollback.rebuilt': { apps: both, means: 'consumers of that stream are made anew; the ledger is still closed' },
  'rollback.reopened': { apps: both, means: 'what was lost counts as unpublished again; nothing of it is published' },
  'intake.received': { apps: notifications, means: 'the handler has the event; nothing is written' },
  'intake.claimed': { apps: notifications, means: 'inbox rows are written and not committed' },
  'intake.decided': { apps: notifications, means: 'so are deliveries and decisions: all that is left is to commit' },
  'intake.committed': { apps: notifications, means: 'all of it is committed; nothing is acknowledged' },
  'settle.decided': { apps: notifications, means: 'it is settled what NATS will be told; it was not told' },
  'deadletter.published': { apps: notifications, means: 'the dead letter is stored; the original is not terminated' },
  'redrive.accepted': {
    apps: notifications,
    means: 'an event from the dead letters was taken; its letter still lies there',
  },
  'dispatch.claimed': { apps: notifications, means: 'due deliveries are leased' },
  'dispatch.prepared': { apps: notifications, means: 'they were checked again and rendered' },
  'dispatch.frozen': { apps: notifications, means: 'the request of a batch is sealed; it is not stored' },
  'dispatch.begun': {
    apps: notifications,
    means: '`sending` and the request are committed; the provider knows nothing',
  },
  'dispatch.sent': { apps: notifications, means: 'the provider has answered; the answer is written nowhere' },
  'record.written': { apps: notifications, means: 'outcomes and their events are written and not committed' },
  'record.committed': { apps: notifications, means: 'they are committed; the dispatcher still holds the leases' },
  'leases.renewed': { apps: notifications, means: 'leases of this process were prolonged' },
  'leases.expired': { apps: notifications, means: 'leases of dead processes were swept up, and not committed' },
  'webhook.verified': { apps: notifications, means: 'a webhook is genuine; nothing is written' },
  'webhook.recorded': { apps: notifications, means: 'what it says is written and not committed' },
  'webhook.committed': { apps: notifications, means: 'it is committed; the provider was not answered' },
} as const satisfies Record<string, Failpoint>;

export type FailpointName = keyof typeof failpoints;

export function isFailpoint(name: string): name is FailpointName {
  return Object.hasOwn(failpoints, name);
}
