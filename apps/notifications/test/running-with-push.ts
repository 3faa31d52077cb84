import type { TicketEvent } from '@bellhop/contracts/events';
import { PushService } from '@bellhop/local-stack';
import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { type RunningNotifications, runningNotifications } from './running-notifications.js';
import { vapidPair } from './vapid-pair.js';

export interface RunningWithPush {
  readonly app: RunningNotifications;
  readonly service: PushService;
  /** What browsers subscribe with. */
  readonly vapidKey: string;
  /** Publishes an event as `tickets` does. */
  publish<T extends TicketEvent>(event: T): Promise<T>;
  stop(): Promise<void>;
}

/** The app with a push service of its own; a push waits a second for further events. */
export async function runningWithPush(env: Record<string, string> = {}): Promise<RunningWithPush> {
  const service = await PushService.start();
  const vapid = vapidPair();
  const app = await runningNotifications({
    VAPID_KEYS: vapid.setting,
    PUSH_SUBJECT: 'mailto:ops@example.com',
    PUSH_LOCAL_SERVICE: service.url,
    PUSH_QUIET_SECONDS: '1',
    ...env,
  });
  const publisher = await connect({ servers: app.natsUrl });
  return {
    app,
    service,
    vapidKey: vapid.publicKey,
    async publish(event) {
      const subject = event.type.replace(/^ticket\.(.+)\.v1$/, 'tickets.v1.$1');
      await jetstream(publisher).publish(subject, JSON.stringify(event));
      return event;
    },
    async stop() {
      await publisher.close();
      await app.stop();
      await service.close();
    },
  };
}
