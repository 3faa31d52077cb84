import { Readable } from 'node:stream';
import type MailMessage from 'nodemailer/lib/mailer/mail-message';
import type SMTPPool from 'nodemailer/lib/smtp-pool';
import type { SMTPPoolSentMessageInfo } from 'nodemailer/lib/smtp-pool';
import type { Outcome } from '../../channel.js';
import { redact } from '../reply.js';
import type { FrozenMail } from './frozen-mail.js';
import { outcomeOf } from './outcome.js';

export interface SendTimeouts {
  /** Until a connection is free, open and logged in. */
  queueMs: number;
  /** From `MAIL FROM` to the final dot. */
  commandMs: number;
  /** From the final dot to the answer. RFC 5321 §4.5.3.2.6 and RFC 1047 ask for 10 minutes. */
  replyMs: number;
}

const PIECE_BYTES = 16 * 1024;

/**
 * Sends one mail through the pool, at most once. The pool gets the frozen bytes as a stream that it opens only after the server has
 * said "go ahead", so that we know how far a failed mail got.
 */
export function sendThroughPool(pool: SMTPPool, mail: FrozenMail, timeouts: SendTimeouts): Promise<Outcome> {
  return new Promise((resolve) => {
    const raw = inPieces(mail.raw);
    const deadline = new Deadline();
    deadline.set(timeouts.queueMs);
    // Registered first: this runs before nodemailer's own listener, which writes the final dot.
    raw.once('end', () => deadline.set(timeouts.replyMs));
    const onEnvelope = () => deadline.set(timeouts.commandMs);
    pool.send(poolMessage(mail, raw, deadline.signal, onEnvelope), (error, info) => {
      deadline.clear();
      const { to: recipient } = mail.envelope;
      if (info) return resolve({ kind: 'accepted', ref: reference(info, recipient) });
      raw.destroy();
      // nodemailer's error quotes the reply, and with it the recipient: only its codes go on.
      resolve(outcomeOf(error ?? {}, { recipient, handedOver: raw.readableEnded }));
    });
  });
}

/**
 * The part of a message that the pool reads. nodemailer's composer is left out: it would parse, copy and perhaps change finished
 * bytes, and it opens the stream while the mail still waits in the queue.
 */
function poolMessage(mail: FrozenMail, raw: Readable, signal: AbortSignal, onEnvelope: () => void) {
  const message = {
    getEnvelope() {
      onEnvelope();
      // A new one each time: the connection writes into it.
      return { from: mail.envelope.from, to: [mail.envelope.to] };
    },
    createReadStream: () => raw,
    // Used in log lines only, and the pool has no logger.
    messageId: () => '',
    getHeader: () => '',
  };
  return { data: { signal }, message } as unknown as MailMessage<SMTPPoolSentMessageInfo>;
}

/** In small pieces, so that the end of a large mail is not buffered while the connection is slow or dead. */
function inPieces(raw: Buffer): Readable {
  let at = 0;
  return new Readable({
    highWaterMark: PIECE_BYTES,
    read() {
      this.push(at < raw.length ? raw.subarray(at, at + PIECE_BYTES) : null);
      at += PIECE_BYTES;
    },
  });
}

function reference(info: SMTPPoolSentMessageInfo, recipient: string): string {
  return info.serverMessageId ?? redact(info.response.replace(/^\d{3}[ -]?/, ''), recipient);
}

/** A timer that aborts the mail when it runs out. The pool then closes the connection of this mail. */
class Deadline {
  private readonly controller = new AbortController();
  private timer: NodeJS.Timeout | undefined;

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  set(delayMs: number): void {
    this.clear();
    this.timer = setTimeout(() => this.controller.abort(), delayMs);
  }

  clear(): void {
    clearTimeout(this.timer);
  }
}
