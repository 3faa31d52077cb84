import { EmailError } from '../email.errors.js';

/** Sent byte for byte on each attempt: the envelope and the finished MIME message. */
export interface FrozenMail {
  envelope: { from: string; to: string };
  raw: Buffer;
}

const VERSION = 1;
const PREFIX_BYTES = 5;

/** One version byte, the length of the envelope as 32 bits big-endian, the envelope as JSON, then the raw message. */
export function encodeFrozenMail(mail: FrozenMail): Buffer {
  const envelope = Buffer.from(JSON.stringify({ from: mail.envelope.from, to: mail.envelope.to }));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt8(VERSION, 0);
  prefix.writeUInt32BE(envelope.length, 1);
  return Buffer.concat([prefix, envelope, mail.raw]);
}

/** @throws EmailError `invalid_frozen_mail` when the bytes were not made by {@link encodeFrozenMail}. */
export function decodeFrozenMail(bytes: Buffer): FrozenMail {
  try {
    if (bytes.readUInt8(0) !== VERSION) throw new Error(`version ${bytes[0]}`);
    const end = PREFIX_BYTES + bytes.readUInt32BE(1);
    const { from, to } = JSON.parse(bytes.toString('utf8', PREFIX_BYTES, end)) as Record<string, unknown>;
    if (typeof from !== 'string' || typeof to !== 'string') throw new Error('envelope');
    if (bytes.length <= end) throw new Error('empty message');
    return { envelope: { from, to }, raw: bytes.subarray(end) };
  } catch (cause) {
    throw new EmailError('invalid_frozen_mail', 'The stored request is no frozen mail; it cannot be sent.', {
      cause,
    });
  }
}
