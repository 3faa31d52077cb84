import type { AttachmentView, MessageView } from '@bellhop/contracts/http';

/** An answer that was sent here and may not be in the conversation yet. */
export interface Pending {
  /** Its `Idempotency-Key`, the same for every try. */
  readonly key: string;
  readonly body: string;
  readonly files: readonly AttachmentView[];
  /** When "Send" was pressed, in milliseconds since 1970. */
  readonly at: number;
  readonly state: 'sending' | 'failed' | 'sent';
  /** Of a failed one: the code of the problem. */
  readonly reason?: string;
  /** Of one that was taken: the message it became. */
  readonly messageId?: string;
  /** Own messages that stood in the conversation when it was sent: none of them is this one. */
  readonly before: readonly string[];
}

export type Sending =
  | { type: 'send'; pending: Omit<Pending, 'state'> }
  | { type: 'taken'; key: string; messageId: string }
  | { type: 'failed'; key: string; reason: string }
  | { type: 'again'; key: string }
  | { type: 'dropped'; key: string };

/** Pressing "Send" or "Try again" twice is pressing it once. */
export function afterSending(outbox: readonly Pending[], event: Sending): readonly Pending[] {
  if (event.type === 'send') {
    const isKnown = outbox.some(({ key }) => key === event.pending.key);
    return isKnown ? outbox : [...outbox, { ...event.pending, state: 'sending' }];
  }
  if (event.type === 'dropped') return outbox.filter(({ key }) => key !== event.key);
  return outbox.map((pending) => (pending.key === event.key ? next(pending, event) : pending));
}

function next(pending: Pending, event: Exclude<Sending, { type: 'send' | 'dropped' }>): Pending {
  const { reason: _, ...rest } = pending;
  switch (event.type) {
    case 'taken':
      return { ...rest, state: 'sent', messageId: event.messageId };
    case 'failed':
      // What was taken once is taken, whatever a second try says.
      return pending.state === 'sent' ? pending : { ...rest, state: 'failed', reason: event.reason };
    case 'again':
      return pending.state === 'failed' ? { ...rest, state: 'sending' } : pending;
  }
}

/**
 * Those that are not in the conversation yet, to be shown behind it. A try may have worked though no answer came: then the message is
 * known by its text and files. Each message stands for one of them, so that "ok" and "ok" are two.
 */
export function notArrived(outbox: readonly Pending[], messages: readonly MessageView[]): readonly Pending[] {
  const ids = new Set(messages.map(({ id }) => id));
  const stands = new Set(outbox.flatMap(({ messageId }) => messageId ?? []));
  return outbox.filter((pending) => {
    if (pending.messageId !== undefined) return !ids.has(pending.messageId);
    const message = messages.find((candidate) => !stands.has(candidate.id) && isSame(candidate, pending));
    if (message) stands.add(message.id);
    return message === undefined;
  });
}

function isSame({ id, author, body, attachments }: MessageView, pending: Pending): boolean {
  if (author !== 'customer' || pending.before.includes(id)) return false;
  const files = new Set(pending.files.map((file) => file.id));
  return (
    body.trim() === pending.body.trim() &&
    attachments.length === files.size &&
    attachments.every((file) => files.has(file.id))
  );
}

/** What to keep for the next visit. A try that the page did not see the end of counts as failed: a second one is harmless. */
export function interrupted(outbox: readonly Pending[]): readonly Pending[] {
  return outbox.map((pending) =>
    pending.state === 'sending' ? { ...pending, state: 'failed', reason: 'unreachable' } : pending,
  );
}
