import { createHmac, randomBytes, randomUUID } from 'node:crypto';

/** A secret as the provider shows it. */
export const newSecret = (): string => `whsec_${randomBytes(24).toString('base64')}`;

export const secondsNow = (): number => Math.floor(Date.now() / 1000);

export interface SignedWebhook {
  body: string | Uint8Array;
  headers: Record<string, string>;
}

/** Signs as the provider's documentation says, with code of its own. */
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

/** What the provider says of one mail. */
export const report = (type: string, data: Record<string, unknown>): string =>
  JSON.stringify({
    type,
    created_at: new Date().toISOString(),
    data: { from: 'Support <support@example.test>', to: ['somebody@example.com'], subject: 'An update', ...data },
  });

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
