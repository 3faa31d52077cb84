import { NatsLink } from '@bellhop/jetstream';
import { waitFor } from '@bellhop/local-stack';
import { jetstream } from '@nats-io/jetstream';

/** What a service is to the stream: reads by its durable consumer, knows each event once, acknowledges, and never gives up. */
export class Reader {
  /** Ids in the order in which they were first seen: the inbox. */
  readonly seen = new Set<string>();
  isStopping = false;
  private readonly link: NatsLink;
  private readonly loop: Promise<void>;

  constructor(url: string) {
    this.link = new NatsLink({ url, name: 'reader', log: () => {} });
    this.link.start();
    this.loop = this.run();
  }

  async hasSeen(ids: readonly string[]): Promise<void> {
    await waitFor(() => ids.every((id) => this.seen.has(id)), {
      what: `${ids.length} events to be read`,
      timeoutMs: 20_000,
    });
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await this.loop;
    await this.link.close();
  }

  private async run(): Promise<void> {
    while (!this.isStopping) await this.readSome().catch(() => new Promise((resolve) => setTimeout(resolve, 50)));
  }

  /** @throws Error while NATS is unreachable or the consumer is being rebuilt */
  private async readSome(): Promise<void> {
    const { connection } = this.link;
    if (!connection) throw new Error('away');
    const consumer = await jetstream(connection, { timeout: 1_000 }).consumers.get('TICKETS', 'notifications');
    for await (const message of await consumer.fetch({ max_messages: 200, expires: 1_000 })) {
      this.seen.add(message.headers?.get('Nats-Msg-Id') ?? '');
      message.ack();
    }
  }
}
