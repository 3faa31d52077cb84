import type { AttachmentView } from '@bellhop/contracts/http';

/** What somebody writes and has not sent. */
export interface Draft {
  /** The `Idempotency-Key` it will be sent with: made with its first letter, kept until it is sent. */
  readonly key: string;
  readonly body: string;
  /** Of a new ticket. */
  readonly subject?: string;
  /** Uploaded, and in no message yet. */
  readonly files: readonly AttachmentView[];
  /** When it was changed, in milliseconds since 1970. */
  readonly at: number;
}

/** Uploads that are in no message are gone after a day, and a text that old is in nobody's mind. */
const KEPT_MS = 30 * 86_400_000;
const FILES_KEPT_MS = 23 * 3_600_000;
const PREFIX = 'bellhop.draft:';

/** The part of `Storage` that drafts need. */
export type Kept = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

/** Where a draft belongs: never shown to another person, in another ticket, or as another kind of text. */
export interface Place {
  readonly person: string;
  readonly ticket: string;
  readonly kind: 'answer' | 'new';
}

export function placeKey({ person, ticket, kind }: Place): string {
  return PREFIX + [person, ticket, kind].map(encodeURIComponent).join(':');
}

export function readDraft(storage: Kept, place: Place, now: number): Draft | null {
  const draft = parseDraft(attempt(() => storage.getItem(placeKey(place))) ?? null);
  if (!draft || now - draft.at > KEPT_MS) return null;
  return now - draft.at > FILES_KEPT_MS ? { ...draft, files: [] } : draft;
}

/** An empty one is removed. Where the browser keeps nothing, the page still has it. */
export function writeDraft(storage: Kept, place: Place, draft: Draft | null): void {
  attempt(() => {
    if (draft && (draft.body !== '' || draft.subject || draft.files.length > 0))
      storage.setItem(placeKey(place), JSON.stringify(draft));
    else storage.removeItem(placeKey(place));
  });
}

/** Everybody's, when somebody signs out. */
export function clearDrafts(storage: Kept): void {
  attempt(() => {
    const keys = Array.from({ length: storage.length }, (_, at) => storage.key(at) ?? '');
    for (const key of keys)
      if (key.startsWith('bellhop.draft:') || key.startsWith('bellhop.outbox:')) storage.removeItem(key);
  });
}

/** @returns null for what is no draft of ours */
export function parseDraft(json: string | null): Draft | null {
  const value: unknown = attempt(() => JSON.parse(json ?? 'null'));
  if (typeof value !== 'object' || value === null) return null;
  const { key, body, subject, files, at } = value as Record<string, unknown>;
  const isDraft = typeof key === 'string' && typeof body === 'string' && Array.isArray(files) && typeof at === 'number';
  return isDraft ? { key, body, files, at, ...(typeof subject === 'string' ? { subject } : {}) } : null;
}

/** Storage may be full, or switched off. */
function attempt<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}
