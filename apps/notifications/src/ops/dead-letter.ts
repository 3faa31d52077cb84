import { MAX_EVENT_BYTES, parseSubject } from '@bellhop/contracts/events';
import type { DeadLetterDetailView, DeadLetterView } from '@bellhop/contracts/http';
import { DEAD_LETTER_HEADERS, DEAD_LETTER_REASONS, type DeadLetterReason } from '@bellhop/contracts/streams';
import { decodeEvent, InvalidEventError, isControlHeader, type StoredMessage } from '@bellhop/jetstream';

/** The subjects of this service. */
const OUR_PREFIX = 'dead_letters.notifications.';
const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** An event that could not be used, as it is stored in the stream. */
export interface DeadLetter {
  readonly sequence: number;
  readonly reason: DeadLetterReason;
  readonly detail: string;
  /** The subject that the event arrived on: the proof of who published it. */
  readonly subject: string;
  readonly system: string | null;
  readonly stream: string;
  readonly streamSequence: number;
  /** Size of the event as published; `data` is shorter if it was truncated. */
  readonly sizeBytes: number;
  readonly isTruncated: boolean;
  readonly parkedAt: Date;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: Uint8Array;
}

/** When a letter was redriven, and by whom. */
export interface Redrive {
  readonly at: string;
  readonly by: string;
  readonly isRepaired: boolean;
}

/** Reads a message of DEAD_LETTERS. Null for the letters of another service. */
export function deadLetterOf(message: StoredMessage): DeadLetter | null {
  if (!message.subject.startsWith(OUR_PREFIX)) return null;
  const headers = Object.fromEntries(message.headers.map(([name, values]) => [name, values.join(', ')]));
  // Subjects of older letters end in the reason, without a system.
  const lastToken = message.subject.slice(OUR_PREFIX.length).split('.').at(-1);
  const reason = DEAD_LETTER_REASONS.find((one) => one === lastToken);
  if (!reason) return null;
  const subject = headers[DEAD_LETTER_HEADERS.subject] ?? '';
  const fullSize = headers[DEAD_LETTER_HEADERS.truncated];
  return {
    sequence: message.sequence,
    reason,
    detail: headers[DEAD_LETTER_HEADERS.detail] ?? '',
    subject,
    system: parseSubject(subject)?.system ?? null,
    stream: headers[DEAD_LETTER_HEADERS.stream] ?? '',
    streamSequence: Number(headers[DEAD_LETTER_HEADERS.sequence] ?? 0),
    sizeBytes: fullSize === undefined ? message.data.length : Number(fullSize),
    isTruncated: fullSize !== undefined,
    parkedAt: message.storedAt,
    headers,
    data: message.data,
  };
}

/** The id inside the event; null if the event cannot be decoded. */
export function eventIdOf(letter: DeadLetter): string | null {
  try {
    const event = decodeEvent(letter.data, MAX_EVENT_BYTES, publisherHeaders(letter)) as { id?: unknown } | null;
    return typeof event?.id === 'string' ? event.id : null;
  } catch (error) {
    if (error instanceof InvalidEventError) return null;
    throw error;
  }
}

/** The publisher's own headers, which hold the attributes of an event in binary mode, without ours. */
export function publisherHeaders({ headers }: DeadLetter): [string, string[]][] {
  return Object.entries(headers)
    .filter(([name]) => !isControlHeader(name))
    .map(([name, value]) => [name, [value]]);
}

export interface LetterFilter {
  readonly reason?: DeadLetterReason | undefined;
  readonly stream?: string | undefined;
  readonly system?: string | undefined;
}

export function isWanted(letter: DeadLetter, { reason, stream, system }: LetterFilter): boolean {
  return (
    (reason === undefined || letter.reason === reason) &&
    (stream === undefined || letter.stream === stream) &&
    (system === undefined || letter.system === system)
  );
}

export function letterView(letter: DeadLetter, redriven: Redrive | undefined): DeadLetterView {
  const { sequence, reason, detail, subject, stream, streamSequence, sizeBytes, isTruncated, parkedAt } = letter;
  return {
    sequence,
    reason,
    detail,
    subject,
    stream,
    streamSequence,
    sizeBytes,
    parkedAt: parkedAt.toISOString(),
    isTruncated,
    isRedriven: redriven !== undefined,
    redriven: redriven ?? null,
  };
}

/** With its body, which may contain anything, also addresses of people: for operators only. */
export function letterDetail(letter: DeadLetter, redriven: Redrive | undefined): DeadLetterDetailView {
  return { ...letterView(letter, redriven), headers: { ...letter.headers }, ...bodyOf(letter.data) };
}

function bodyOf(data: Uint8Array): { body: string; encoding: 'utf8' | 'base64' } {
  try {
    return { body: UTF8.decode(data), encoding: 'utf8' };
  } catch {
    return { body: Buffer.from(data).toString('base64'), encoding: 'base64' };
  }
}
