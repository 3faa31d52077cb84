import { streams } from '@bellhop/contracts';
import { NatsLink, provisionJetStream } from '@bellhop/jetstream';

/** The stream that `tickets` hears belongs to `guest-auth`, which takes no part: nobody publishes on it. */
export async function provisionGuestsStream(natsUrl: string): Promise<void> {
  const link = new NatsLink({ url: natsUrl, name: 'provisioner', log: () => undefined });
  link.start();
  try {
    const connection = await link.connected();
    await provisionJetStream(connection, { streams: [streams.GUESTS], consumers: [], replicas: 1, apply: true });
  } finally {
    await link.close();
  }
}
