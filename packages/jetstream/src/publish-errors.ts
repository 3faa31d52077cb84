import type { Msg } from '@nats-io/nats-core';

export type PublishErrorCode =
  /** There is no connection; nothing was sent. */
  | 'not_connected'
  /** No stream has the subject, or its stream is electing a leader; nothing was stored. */
  | 'no_stream'
  /** The stream has reached its limits and refuses new messages. */
  | 'stream_full'
  /** Above the server's `max_payload` or the stream's `max_msg_size`. */
  | 'too_large'
  /** This user may not publish the subject, or not receive the reply. */
  | 'not_permitted'
  /** Sent, but no reply came: it may or may not be stored. Publish again under the same id. */
  | 'no_answer'
  /** The server refused for another reason: see `serverCode` and the message. */
  | 'refused';

/** Why an event is not (known to be) stored. */
export class PublishError extends Error {
  constructor(
    readonly code: PublishErrorCode,
    message: string,
    readonly serverCode?: number,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'PublishError';
  }
}

export type PublishOutcome =
  | { ok: true; stream: string; sequence: number; isDuplicate: boolean }
  | { ok: false; error: Error };

export function failed(
  code: PublishErrorCode,
  message: string,
  serverCode?: number,
  cause?: unknown,
): { ok: false; error: Error } {
  return { ok: false, error: new PublishError(code, message, serverCode, cause === undefined ? {} : { cause }) };
}

interface PubAck {
  stream?: string;
  seq?: number;
  duplicate?: boolean;
  error?: { code: number; err_code?: number; description?: string };
}

/** Reads the server's reply to a publish: https://docs.nats.io/reference/reference-protocols/nats_api_reference */
export function readPubAck(answer: Msg, subject: string): PublishOutcome {
  if (answer.data.length === 0 && answer.headers?.code === 503) {
    const said = `no stream takes ${subject} now: it has no leader for a moment, or was never made`;
    return failed('no_stream', `${said} (then run \`npm run provision\`)`, 503);
  }
  let ack: PubAck;
  try {
    ack = answer.json<PubAck>();
  } catch (cause) {
    return failed('refused', `the answer to a publish on ${subject} is no JSON`, undefined, cause);
  }
  if (ack.error) return refusal(ack.error, subject);
  return { ok: true, stream: ack.stream ?? '', sequence: ack.seq ?? 0, isDuplicate: ack.duplicate === true };
}

// Numbers from nats-server's server/errors.json.
const NO_STORAGE = 10_023;
const MESSAGE_EXCEEDS_MAXIMUM = 10_054;
const NOT_STORED = 10_077;
/** Streams with several copies only: the first message with this id is still being copied. */
const ID_IN_PROCESS = 10_158;

function refusal(error: NonNullable<PubAck['error']>, subject: string): PublishOutcome {
  const said = error.description ?? `code ${error.code}`;
  if (error.err_code === ID_IN_PROCESS)
    return failed(
      'no_answer',
      `${subject} is being stored under the same id, and is not yet known to be: publish again, same id`,
      error.err_code,
    );
  if (error.err_code === NO_STORAGE)
    return failed(
      'refused',
      `NATS has no room left for any event, such as ${subject} (${said}): free its disk, or give JetStream more (max_file_store)`,
      error.err_code,
    );
  if (error.err_code === MESSAGE_EXCEEDS_MAXIMUM)
    return failed('too_large', `the stream of ${subject} takes no message of this size (${said})`, error.err_code);
  if (error.err_code === NOT_STORED && /maximum (bytes|messages)/.test(said))
    return failed(
      'stream_full',
      `the stream of ${subject} is full (${said}): raise its limits, or wait until it ages`,
      error.err_code,
    );
  return failed('refused', `the server refuses to store ${subject}: ${said}`, error.err_code ?? error.code);
}
