import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { insertDelivery } from './delivery-rows.js';

/** A secret as the provider shows it. */
export const newSecret = (): string => `whsec_${randomBytes(24).toString('base64')}`;

export const secondsNow = (): number => Math.floor(Date.now() / 1000);

export interface SignedWebhook {
  body: string | Uint8Array;
  headers: Record<string, string>;
}

/** Signs as the provider's documentation says, independently of the app. */
export function signed(
  secret: string,
  body: string | Uint8Array,
  { id = `msg_${randomUUID().replaceAll('-', '')}`, timestamp = String(secondsNow()) } = {},
): SignedWebhook {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const text = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(body)]);
  const signature = `v1,${createHmac('sha256', key).update(text).digest('base64')}`;
  return { body, headers: { 'svix-id': id, 'svix-timestamp': timestamp, 'svix-signature': signature } };
}

const change = (webhook: SignedWebhook, headers: Record<string, string>): SignedWebhook => ({
  ...webhook,
  headers: { ...webhook.headers, ...headers },
});

/** Webhooks that nobody has signed like this with `secret`, or not now: each by its name, made of a body. */
export const forgeries = (secret: string): [string, (body: string) => SignedWebhook][] => [
  ['that is unsigned', (body) => ({ body, headers: {} })],
  ['signed with another secret', (body) => signed(newSecret(), body)],
  ['signed six minutes ago', (body) => signed(secret, body, { timestamp: String(secondsNow() - 360) })],
  ['signed six minutes from now', (body) => signed(secret, body, { timestamp: String(secondsNow() + 360) })],
  ['with one byte changed', (body) => ({ ...signed(secret, body), body: body.replace('delivered', 'delivereD') })],
  ['with a byte more', (body) => ({ ...signed(secret, body), body: `${body}\n` })],
  ['with the signature of another id', (body) => change(signed(secret, body), { 'svix-id': 'msg_other' })],
  ['with another time', (body) => change(signed(secret, body), { 'svix-timestamp': String(secondsNow() - 1) })],
  ['with an empty signature', (body) => change(signed(secret, body), { 'svix-signature': '' })],
  ['with a signature of nothing', (body) => change(signed(secret, body), { 'svix-signature': 'v1,' })],
  ['with garbage for a signature', (body) => change(signed(secret, body), { 'svix-signature': 'v1,!!!! v1, x' })],
  ['without a body', (body) => ({ ...signed(secret, body), body: '' })],
];

/** What the provider says of one mail. */
export const report = (type: string, data: Record<string, unknown>): string =>
  JSON.stringify({
    type,
    created_at: new Date().toISOString(),
    data: { from: 'Support <support@example.test>', to: ['somebody@example.com'], subject: 'An update', ...data },
  });

/** A delivery that the provider took, and its report of it, as the body of a webhook. */
export async function takenDelivery(dataSource: DataSource): Promise<{ id: string; body: string }> {
  const id = await insertDelivery(dataSource, {
    recipient_key: `crm:user:${randomUUID()}`,
    state: 'accepted',
    provider_ref: randomUUID(),
    settled_at: new Date(),
  });
  return { id, body: report('email.delivered', { email_id: randomUUID(), tags: { delivery: id } }) };
}

/** So many deliveries that the provider took as `e-1`, `e-2`, … */
export const insertTaken = (
  database: { query(sql: string, parameters: unknown[]): Promise<unknown> },
  count: number,
): Promise<unknown> =>
  database.query(
    `insert into deliveries (id, system, ticket_id, ticket_number, version, recipient_key, recipient_role,
       recipient_kind, recipient_id, endpoint, channel, template, template_version, template_rank, replies, event_ids,
       priority, is_immediate, state, first_at, due_at, settled_at, provider_ref)
     select gen_random_uuid(), 'crm', 'T-' || n, 'N1', 1, 'crm:user:' || n, 'requester', 'user', 'u' || n,
       'person-' || n || '@example.com', 'email', 'replied', 1, 1, 1, array['e-' || n], 2, false, 'accepted', now(), now(),
       now(), 'e-' || n
     from generate_series(1, $1::int) n`,
    [count],
  );
