import { createECDH } from 'node:crypto';
import { CURVE } from './p256.js';

/** An application server's keys (RFC 8292), both in base64url without padding. */
export interface VapidKeys {
  /** An uncompressed point of P-256, 65 bytes: the `applicationServerKey` of browsers. */
  publicKey: string;
  /** A scalar, 32 bytes. */
  privateKey: string;
}

export function createVapidKeys(): VapidKeys {
  const pair = createECDH(CURVE);
  const publicKey = pair.generateKeys('base64url');
  return { publicKey, privateKey: scalar(pair.getPrivateKey()).toString('base64url') };
}

/** Node leaves leading zeros out. */
export function scalar(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.alloc(32 - bytes.length), bytes]);
}
