import { createVapidKeys } from '@bellhop/local-stack';

/** A key pair for web push, and the setting that it makes. */
export function vapidPair() {
  const keys = createVapidKeys();
  return { ...keys, setting: `${keys.publicKey}:${keys.privateKey}` };
}
