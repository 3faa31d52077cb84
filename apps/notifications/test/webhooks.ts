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
