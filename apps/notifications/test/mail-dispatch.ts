import { randomUUID } from 'node:crypto';
import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import { Shutdown } from '@bellhop/http';
import type { RpcClient } from '@bellhop/jetstream';
import { waitFor } from '@bellhop/local-stack';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { EmailChannel, type EmailChannelOptions } from '../src/channels/email/email-channel.js';
import { emailProviders } from '../src/channels/email/email-url.js';
import { Dispatcher } from '../src/dispatch/dispatcher.js';
import { migratedDatabase } from './database.js';
import { insertDelivery, settingsOf } from './delivery-rows.js';
import { dispatchResources } from './dispatch-resources.js';

const LONG_MS = 120_000;

interface StartOptions extends Pick<EmailChannelOptions, 'times' | 'limits'> {
  readonly leaseSeconds?: number;
}

/** A database with deliveries of mails, and dispatchers that send them. */
export class MailDispatch {
  /** Of the test that runs. */
  shutdown = new Shutdown(new Logger('shutdown'));

  private constructor(
    readonly dataSource: DataSource,
    readonly stop: () => Promise<void>,
  ) {}

  static async start(): Promise<MailDispatch> {
    Logger.overrideLogger(false);
    const { dataSource, stop } = await migratedDatabase();
    return new MailDispatch(dataSource, stop);
  }

  /** A running dispatcher whose providers are those of EMAIL_URL. */
  send(emailUrl: string, { leaseSeconds, ...options }: StartOptions = {}): EmailChannel {
    const settings = settingsOf(leaseSeconds === undefined ? {} : { LEASE_SECONDS: String(leaseSeconds) });
    const { resources } = dispatchResources(this.dataSource, settings, {} as RpcClient);
    const channel = new EmailChannel(emailProviders(emailUrl, { closeMs: 2_000 }), { ...settings, ...options });
    const dispatcher = new Dispatcher(channel, resources);
    this.shutdown.add('workers', 'dispatcher', () => dispatcher.stop());
    dispatcher.start();
    return channel;
  }

  /**
   * Deliveries to so many people who have none yet.
   * @param isAlone each is a request of its own
   */
  async insert(count: number, prefix = 'p', { isAlone = false } = {}): Promise<void> {
    await this.dataSource.query(
      `insert into deliveries (id, system, ticket_id, ticket_number, version, recipient_key, recipient_role, recipient_kind,
         endpoint, channel, template, template_version, template_rank, replies, event_ids, priority, is_immediate, state,
         is_alone, first_at, due_at)
       select uuidv7(), 'crm', 'T' || n, 'N' || n, 3, 'crm:user:' || $2 || n, 'requester', 'user', $2 || n || '@example.com',
         'email', 'replied', 3, 1, 1, '{}', 2, false, 'pending', $3, now(), now() from generate_series(1, $1::int) n`,
      [count, prefix, isAlone],
    );
  }

  /** One that a guest waits for. */
  insertRequested(name: string): Promise<string> {
    return insertDelivery(this.dataSource, {
      ...{ system: OWN_SYSTEM, recipient_key: name, endpoint: `${name}@example.com`, priority: 0, is_alone: true },
      ...{ request_id: randomUUID(), ticket_id: randomUUID(), event_ids: [], state: 'retrying' },
      expires_at: new Date(Date.now() + 600_000),
    });
  }

  async count(condition: string): Promise<number> {
    const [row] = await this.dataSource.query(`select count(*)::int as count from deliveries where ${condition}`);
    return row.count;
  }

  async until(condition: string, wanted: number): Promise<void> {
    const isSo = async () => (await this.count(condition)) === wanted;
    await waitFor(isSo, { what: `${wanted} × ${condition}`, timeoutMs: LONG_MS });
  }

  /** After each test. */
  async end(): Promise<void> {
    await this.shutdown.run();
    this.shutdown = new Shutdown(new Logger('shutdown'));
    await this.dataSource.query(
      'truncate deliveries, told, frozen_requests, suppressions, outbox, provider_limits, provider_blocks',
    );
  }
}
