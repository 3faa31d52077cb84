import { randomUUID } from 'node:crypto';
import { Metrics, parseConfig } from '@bellhop/http';
import { Database, ErasedPeople, ErasureKeys } from '@bellhop/service';
import type { DataSource } from 'typeorm';
import { EmailChannel } from '../src/channels/email/email-channel.js';
import type { EmailProvider } from '../src/channels/email/email-provider.js';
import { SmtpProvider } from '../src/channels/email/smtp/smtp-provider.js';
import { configSchema, Settings } from '../src/config.js';
import type { LeasedDelivery } from '../src/dispatch/delivery.js';
import { claimDue } from '../src/dispatch/leases/claim-due.js';
import type { Batch } from '../src/dispatch/preparation/batch.js';
import { beginSending } from '../src/dispatch/preparation/begin-sending.js';

const LEASE_MS = 30_000;

/** The app's settings as an environment gives them. */
export function settingsOf(env: Record<string, string> = {}): Settings {
  return new Settings(
    parseConfig(configSchema, {
      NATS_URL: 'nats://127.0.0.1:9',
      DATABASE_URL: 'postgres://127.0.0.1:9/none',
      PUBLIC_URL: 'https://support.example.test',
      OIDC_ISSUER: 'http://127.0.0.1:9',
      OIDC_AUDIENCE: 'bellhop',
      EMAIL_URL: 'smtp://127.0.0.1:9',
      EMAIL_FROM: 'support@example.test',
      ERASURE_KEY: Buffer.alloc(32, 5).toString('base64'),
      PAYLOAD_KEY: Buffer.alloc(32, 7).toString('base64'),
      INBOUND_SYSTEMS: 'crm=https://crm.example.com/',
      ...env,
    }),
  );
}

/** E-mail over this provider; by default over a mail server that does not exist. */
export const emailOver = (provider: EmailProvider = new SmtpProvider({ url: 'smtp://127.0.0.1:9' })) =>
  new EmailChannel([provider], settingsOf());

/** An empty register. */
export function nobodyErased(): ErasedPeople {
  const people = new ErasedPeople(new ErasureKeys([Buffer.alloc(32, 5)]));
  people.replace([]);
  return people;
}

/** The spec's database as the app sees it: migrated and available. */
export function readyDatabase(dataSource: DataSource): Database {
  return {
    dataSource,
    isReady: true,
    isHealthy: async () => true,
    background: dataSource,
    whenReady: async () => dataSource,
    whenBackgroundReady: async () => dataSource,
  } as Partial<Database> as Database;
}

/** How many attempts led to this state, by the metric. */
export async function countedAs(metrics: Metrics, state: string): Promise<number> {
  const found = await metrics.getSingleMetric('bellhop_deliveries_total')?.get();
  return (found?.values ?? [])
    .filter(({ labels }) => labels.state === state)
    .reduce((sum, { value }) => sum + value, 0);
}

/** One delivery of `crm` to one person, due a moment ago, with other columns if a test needs them. @returns its id */
export async function insertDelivery(dataSource: DataSource, columns: Record<string, unknown> = {}): Promise<string> {
  const moment = new Date(Date.now() - 1_000);
  const row: Record<string, unknown> = {
    id: randomUUID(),
    system: 'crm',
    ticket_id: 'T-1',
    ticket_number: 'N1',
    version: 3,
    recipient_key: 'crm:user:u',
    recipient_role: 'requester',
    recipient_kind: 'user',
    recipient_id: 'u',
    endpoint: 'u@example.com',
    channel: 'email',
    template: 'replied',
    template_version: 3,
    template_rank: 1,
    replies: 1,
    event_ids: ['e-1'],
    priority: 2,
    is_immediate: false,
    state: 'pending',
    first_at: moment,
    due_at: moment,
    ...columns,
  };
  const names = Object.keys(row);
  await dataSource.query(
    `insert into deliveries (${names.join(', ')}) values (${names.map((_, index) => `$${index + 1}`).join(', ')})`,
    Object.values(row),
  );
  return row.id as string;
}

export const claim = (dataSource: DataSource): Promise<LeasedDelivery[]> =>
  claimDue(dataSource, {
    channel: emailOver(),
    limit: 100,
    requestedLimit: 100,
    owner: randomUUID(),
    leaseMs: LEASE_MS,
  });

/** A request with these deliveries, under its own key. */
export function batchOf(members: readonly LeasedDelivery[], id: string = randomUUID()): Batch {
  const items = members.map(({ id: deliveryId }) => ({ deliveryId, bytes: Buffer.from('bytes') }));
  return { id, provider: emailOver().provider(), items, members, sealed: Buffer.from('sealed'), isRepeat: false };
}

/** Begins to send each by itself, under its own id. */
export const begin = (dataSource: DataSource, deliveries: readonly LeasedDelivery[]): Promise<Set<string>> =>
  beginSending(
    dataSource,
    deliveries.map((delivery) => batchOf([delivery], delivery.id)),
    LEASE_MS,
  );

/** The events that wait in the outbox, oldest first. */
export async function outboxEvents(
  dataSource: DataSource,
): Promise<{ type: string; data: { deliveryId: string; reason?: string } }[]> {
  const rows: { data: string }[] = await dataSource.query('select data from outbox order by id');
  return rows.map(({ data }) => JSON.parse(data));
}
