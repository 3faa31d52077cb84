import { createHmac } from 'node:crypto';

/**
 * The headers that Svix signs a webhook with: HMAC-SHA256 over `id.timestamp.body`, one signature per secret, so that a
 * secret can be replaced without a gap. https://docs.svix.com/receiving/verifying-payloads/how-manual
 * @param secrets as `whsec_<base64>`
 * @param at milliseconds since 1970
 */
export function signedHeaders(
  id: string,
  at: number,
  body: string,
  secrets: readonly string[],
): Record<'svix-id' | 'svix-timestamp' | 'svix-signature', string> {
  const timestamp = String(Math.floor(at / 1_000));
  const signature = (secret: string) =>
    createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
      .update(`${id}.${timestamp}.${body}`)
      .digest('base64');
  return {
    'svix-id': id,
    'svix-timestamp': timestamp,
    'svix-signature': secrets.map((secret) => `v1,${signature(secret)}`).join(' '),
  };
}
