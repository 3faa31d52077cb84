/** One piece of a built file that is replaced. The file contains `find` exactly once, on one line. */
export interface Replacement {
  /** From the repository's root. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export interface Sabotage {
  /** The effect of the missing safeguard. */
  readonly means: string;
  readonly replacements: readonly Replacement[];
}

function unfenced(statement: string): Replacement {
  return { file: `apps/notifications/dist/dispatch/${statement}.js`, find: ' and d.fence = m.fence', replace: '' };
}

/** Each removes one safeguard, to see that the checker notices. */
export const sabotages = {
  inbox_off: {
    means: 'every event counts as new, however often it arrives',
    replacements: [
      {
        file: 'packages/outbox/dist/inbox/claim-events.js',
        find: 'unclaimed.delete(text)',
        replace: 'unclaimed.delete(text) || true',
      },
    ],
  },
  ack_before_commit: {
    means: 'an event is acknowledged before anything of it is written',
    replacements: [
      {
        file: 'packages/jetstream/dist/event-pipeline.js',
        find: 'const outcome = await this.outcomeOf(delivery);',
        replace: 'delivery.ack(); const outcome = await this.outcomeOf(delivery);',
      },
    ],
  },
  no_message_id: {
    means: 'an event that is published again is stored again, because it has no id',
    replacements: [
      {
        file: 'packages/jetstream/dist/publisher.js',
        find: "encoded.set('Nats-Msg-Id', message.id);",
        replace: '',
      },
    ],
  },
  key_per_attempt: {
    means: 'each attempt has a key of its own, so that the provider takes it for another mail',
    replacements: [
      {
        file: 'apps/notifications/dist/channels/email/resend/client.js',
        find: 'idempotencyKey: key,',
        replace: 'idempotencyKey: crypto.randomUUID(),',
      },
    ],
  },
  fence_ignored: {
    means: 'a process that has lost its lease can still change the delivery',
    replacements: [
      { ...unfenced('preparation/begin-sending'), find: 'd.fence = m.fence and d.state', replace: 'd.state' },
      unfenced('outcomes/mark-retrying'),
      unfenced('outcomes/mark-settled'),
      unfenced('outcomes/mark-unknown'),
      { ...unfenced('outcomes/mark-accepted'), find: 'd.fence = m.fence and d.state', replace: 'd.state' },
      { ...unfenced('leases/renew-leases'), find: 'using (id, fence)', replace: 'using (id)' },
    ],
  },
  endpoint_rule_off: {
    means: 'the endpoint of a browser may be any address, so that a stranger has us send requests where they want',
    replacements: [
      {
        file: 'apps/notifications/dist/channels/push/endpoint.js',
        find: 'if (local !== undefined && origin === local)',
        replace: 'if (local !== undefined)',
      },
    ],
  },
  push_to_everybody: {
    means: 'a push goes to the devices of all people of its batch',
    replacements: [
      {
        file: 'apps/notifications/dist/channels/push/push-channel.js',
        find: 'devices.filter(({ person }) => person === push.person)',
        replace: 'devices',
      },
    ],
  },
  device_never_ends: {
    means: 'a device that its person has switched off goes on getting pushes',
    replacements: [
      {
        file: 'apps/notifications/dist/channels/push/subscriptions/end-subscriptions.js',
        find: `update push_subscriptions set state = 'ended', sealed = null, ended_at = coalesce(ended_at, now())`,
        replace: 'update push_subscriptions set tested_at = null',
      },
    ],
  },
  sight_ignored: {
    means: 'whoever has seen a ticket meanwhile is told of it nevertheless',
    replacements: [
      {
        file: 'apps/notifications/dist/dispatch/preparation/pre-send-check.js',
        find: 'seenVersion >= version',
        replace: 'false',
      },
    ],
  },
  entry_per_attempt: {
    means: 'each attempt adds an entry to the feed',
    replacements: [
      {
        file: 'apps/notifications/dist/channels/feed/insert-entries.js',
        find: 'on conflict (delivery_id) do nothing',
        replace: '',
      },
    ],
  },
  revision_stays: {
    means: 'a feed changes without its revision, so that a page takes what is new for what it has',
    replacements: [
      {
        file: 'apps/notifications/dist/channels/feed/feed-change.js',
        find: 'rev = greatest(r.rev + 1,',
        replace: 'rev = least(r.rev,',
      },
    ],
  },
  rollback_detector_off: {
    means: 'nobody detects that a stream has lost events which it had acknowledged',
    replacements: [
      { file: 'packages/outbox/dist/relay/rollback-detector.js', find: 'return signs;', replace: 'return [];' },
    ],
  },
} as const satisfies Record<string, Sabotage>;

export type SabotageName = keyof typeof sabotages;
