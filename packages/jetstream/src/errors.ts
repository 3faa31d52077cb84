import type { DeadLetterReason } from '@bellhop/contracts/streams';

/**
 * Thrown by a handler, or by decoding: the event will never be usable, so it becomes a dead letter at once.
 * @param detail a sentence that the event's author understands; it travels in the dead letter and into the log,
 * so it names fields and limits and quotes nothing of the event.
 */
export class InvalidEventError extends Error {
  readonly code = 'invalid_event';

  constructor(
    readonly reason: DeadLetterReason,
    readonly detail: string,
  ) {
    super(`${reason}: ${detail}`);
    this.name = 'InvalidEventError';
  }
}

/** One line about whatever was thrown, short enough for a header. */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : plainText(error);
  return oneLine(text, 300);
}

function plainText(error: unknown): string {
  if (typeof error === 'string') return error;
  try {
    return JSON.stringify(error) ?? String(error);
  } catch {
    return Object.prototype.toString.call(error);
  }
}

/** Control characters would end a NATS header early, or forge the next one. */
export function oneLine(text: string, maxLength: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones to remove
  const clean = text.replace(/[\u0000-\u001f\u007f\u0085\u2028\u2029]+/g, ' ').trim();
  return clean.length <= maxLength ? clean : `${clean.slice(0, maxLength - 1)}…`;
}
