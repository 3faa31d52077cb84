import type { ChannelRequest } from '../channels/channel.js';
import { PayloadError } from './payload.errors.js';

/** One request to the provider as it is stored: its deliveries in order, with the bytes of each. */
export interface FrozenBatch {
  /** The `format` of the channel that it was made for. */
  readonly format: string;
  readonly items: readonly ChannelRequest[];
}

interface Head {
  readonly format: string;
  /** Delivery id and length in bytes, in the order of the request. */
  readonly items: readonly (readonly [string, number])[];
}

const VERSION = 1;
const PREFIX_BYTES = 5;

/** One version byte, the length of the head (32 bits, big-endian), the head as JSON, then the items. */
export function encodeBatch({ format, items }: FrozenBatch): Buffer {
  const head: Head = { format, items: items.map(({ deliveryId, bytes }) => [deliveryId, bytes.length]) };
  const json = Buffer.from(JSON.stringify(head));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt8(VERSION, 0);
  prefix.writeUInt32BE(json.length, 1);
  return Buffer.concat([prefix, json, ...items.map(({ bytes }) => bytes)]);
}

/** @throws PayloadError `damaged` when the bytes were not made by {@link encodeBatch} */
export function decodeBatch(bytes: Buffer): FrozenBatch {
  try {
    if (bytes.readUInt8(0) !== VERSION) throw new Error(`version ${bytes[0]}`);
    let at = PREFIX_BYTES + bytes.readUInt32BE(1);
    const { format, items } = JSON.parse(bytes.toString('utf8', PREFIX_BYTES, at)) as Head;
    const cut = items.map(([deliveryId, length]) => {
      at += length;
      return { deliveryId, bytes: bytes.subarray(at - length, at) };
    });
    if (at !== bytes.length) throw new Error(`${bytes.length - at} bytes too many`);
    return { format, items: cut };
  } catch (cause) {
    throw new PayloadError('damaged', 'The stored request is not a frozen batch; it cannot be sent.', { cause });
  }
}
