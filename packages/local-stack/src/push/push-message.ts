import { createDecipheriv, createECDH, hkdfSync } from 'node:crypto';
import { CURVE, isPoint } from './p256.js';
import { PushProblem } from './problems.js';

/** What a browser keeps to itself, and its public key. */
export interface Receiver {
  /** 65 bytes. */
  publicKey: Buffer;
  /** 32 bytes. */
  privateKey: Buffer;
  /** 16 bytes. */
  authSecret: Buffer;
}

/** A body in `aes128gcm`, taken apart as far as one can without the keys (RFC 8188, 2.1; RFC 8291, 4). */
export interface SealedMessage {
  salt: Buffer;
  /** The key of the sender for this one message. */
  senderKey: Buffer;
  /** One record, with its tag. */
  record: Buffer;
}

const SALT_BYTES = 16;
const KEY_BYTES = 65;
const TAG_BYTES = 16;
const HEAD_BYTES = SALT_BYTES + 4 + 1;
/** Marks the end of the text in the last record; zeros follow it. */
const LAST = 2;

/** @throws PushProblem when the head is not that of a push message; a service sees this much without the keys */
export function readSealed(body: Buffer): SealedMessage {
  if (body.length < HEAD_BYTES + KEY_BYTES + TAG_BYTES + 1)
    throw bad('it is shorter than its head and one empty record');
  const recordSize = body.readUInt32BE(SALT_BYTES);
  const keyLength = body[HEAD_BYTES - 1];
  if (keyLength !== KEY_BYTES) throw bad(`the key in its head has ${keyLength} bytes instead of ${KEY_BYTES}`);
  const senderKey = body.subarray(HEAD_BYTES, HEAD_BYTES + KEY_BYTES);
  if (!isPoint(senderKey)) throw bad('the key in its head is no point of P-256');
  const record = body.subarray(HEAD_BYTES + KEY_BYTES);
  if (record.length > recordSize) throw bad('it has more than one record');
  return { salt: body.subarray(0, SALT_BYTES), senderKey, record };
}

/**
 * RFC 8291, 3.4, and RFC 8188, 2.2 and 2.3, by node:crypto alone, so that it checks the library that encrypts.
 * @throws Error with a sentence for people when the message is not for this receiver, or was changed
 */
export function decrypt({ salt, senderKey, record }: SealedMessage, receiver: Receiver): Buffer {
  const pair = createECDH(CURVE);
  pair.setPrivateKey(receiver.privateKey);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), receiver.publicKey, senderKey]);
  const secret = derive(pair.computeSecret(senderKey), receiver.authSecret, info, 32);
  const key = derive(secret, salt, Buffer.from('Content-Encoding: aes128gcm\0'), 16);
  const nonce = derive(secret, salt, Buffer.from('Content-Encoding: nonce\0'), 12);
  const decipher = createDecipheriv('aes-128-gcm', key, nonce);
  decipher.setAuthTag(record.subarray(-TAG_BYTES));
  const padded = Buffer.concat([decipher.update(record.subarray(0, -TAG_BYTES)), finished(decipher)]);
  const end = padded.findLastIndex((byte) => byte !== 0);
  if (padded[end] !== LAST) throw new Error('The text has no end mark of a last record.');
  return padded.subarray(0, end);
}

function derive(key: Buffer, salt: Buffer, info: Buffer, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, info, bytes));
}

function finished(decipher: { final(): Buffer }): Buffer {
  try {
    return decipher.final();
  } catch (error) {
    throw new Error('It cannot be decrypted: it is not for the keys of this subscription, or was changed.', {
      cause: error,
    });
  }
}

function bad(what: string): PushProblem {
  return new PushProblem(400, 'BadPayload', `The body is no push message in aes128gcm: ${what}.`);
}
