const KEY_BYTES = 32;

/**
 * Reads a setting of secret keys: one of 32 bytes in base64, or several with commas between, the newest first.
 * @throws Error whose message reads on from the name of the setting, and never repeats a value
 */
export function readSecretKeys(setting: string): [Buffer, ...Buffer[]] {
  const keys = setting.split(',').map((text, index) => readKey(text.trim(), index + 1));
  if (new Set(keys.map((key) => key.toString('hex'))).size < keys.length) {
    // It would make a rotation look done.
    throw new Error('names one key twice; remove one of them');
  }
  return keys as [Buffer, ...Buffer[]];
}

function readKey(text: string, position: number): Buffer {
  const key = Buffer.from(text, 'base64');
  // Node skips over what is not base64, so compare with what the bytes would look like.
  if (key.length === KEY_BYTES && key.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '')) return key;
  throw new Error(
    `must be 32 bytes in base64 (44 characters), which key ${position} is not; make one with: openssl rand -base64 32`,
  );
}
