import { createECDH } from 'node:crypto';

/** A key pair for web push, and the setting that it makes. */
export function vapidPair() {
  const pair = createECDH('prime256v1');
  const publicKey = pair.generateKeys('base64url');
  const privateKey = Buffer.from(pair.getPrivateKey('hex').padStart(64, '0'), 'hex').toString('base64url');
  return { publicKey, privateKey, setting: `${publicKey}:${privateKey}` };
}
