import { open, seal } from '../../../payload/sealed-payload.js';
import type { VapidKey } from '../vapid.js';

/** What a browser gave us to reach it: whoever has this can make it show something. */
export interface PushKeys {
  readonly endpoint: string;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

export function sealKeys(keys: PushKeys, endpointHash: Buffer, { seal: key }: VapidKey): Promise<Buffer> {
  return seal(Buffer.from(JSON.stringify(keys)), contextOf(endpointHash), [key]);
}

/** @throws PayloadError when it is not what was sealed */
export async function openKeys(sealed: Buffer, endpointHash: Buffer, { seal: key }: VapidKey): Promise<PushKeys> {
  const plain = await open(sealed, contextOf(endpointHash), [key]);
  return JSON.parse(plain.toString()) as PushKeys;
}

function contextOf(endpointHash: Buffer): string {
  return `push:${endpointHash.toString('hex')}`;
}
