/** More than a rotation needs; each costs a computation per webhook. */
const MAX_SECRETS = 5;
const MIN_KEY_BYTES = 16;
const PREFIX = 'whsec_';
const SECRET = /^whsec_([A-Za-z0-9+/]{16,128}={0,2})$/;

/**
 * The secrets that the provider signs webhooks with: one or several `whsec_…`, separated by commas. While one is rotated both
 * are here, and either one verifies.
 * @returns each with its base64 padded, without which the SDK refuses it
 * @throws Error that never repeats the setting
 */
export function parseWebhookSecrets(setting: string): string[] {
  const secrets = setting.split(',').map((entry) => parseSecret(entry.trim()));
  if (secrets.length > MAX_SECRETS) throw new Error(`has more than ${MAX_SECRETS} secrets`);
  return secrets;
}

function parseSecret(entry: string): string {
  const key = Buffer.from(SECRET.exec(entry)?.[1] ?? '', 'base64');
  if (key.length < MIN_KEY_BYTES)
    throw new Error('needs secrets like whsec_… as the provider shows them, separated by commas');
  return PREFIX + key.toString('base64');
}
