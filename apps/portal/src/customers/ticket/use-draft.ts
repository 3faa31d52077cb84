import { useCallback, useEffect, useState } from 'react';
import { type Draft, type Place, parseDraft, placeKey, readDraft, writeDraft } from '../../shared/drafts.js';

const empty = (): Draft => ({ key: crypto.randomUUID(), body: '', files: [], at: Date.now() });

/** What is being written in one place. It is kept in the browser with every letter, and gone in all tabs when it was sent. */
export function useDraft({ person, ticket, kind }: Place) {
  const [draft, setDraft] = useState<Draft>(
    () => readDraft(localStorage, { person, ticket, kind }, Date.now()) ?? empty(),
  );

  const write = useCallback(
    (change: (draft: Draft) => Partial<Omit<Draft, 'at'>>) => {
      setDraft((known) => {
        const next = { ...known, ...change(known), at: Date.now() };
        writeDraft(localStorage, { person, ticket, kind }, next);
        return next;
      });
    },
    [person, ticket, kind],
  );

  /** A new one begins, with a key of its own. */
  const clear = useCallback(() => {
    writeDraft(localStorage, { person, ticket, kind }, null);
    setDraft(empty());
  }, [person, ticket, kind]);

  useEffect(() => {
    const changed = ({ key, oldValue, newValue }: StorageEvent) => {
      if (key !== placeKey({ person, ticket, kind }) || newValue !== null) return;
      const sent = parseDraft(oldValue);
      // Only what was sent elsewhere goes: another text here stays.
      setDraft((known) => (sent && sent.key === known.key && sent.body === known.body ? empty() : known));
    };
    window.addEventListener('storage', changed);
    return () => window.removeEventListener('storage', changed);
  }, [person, ticket, kind]);

  return { draft, write, clear };
}
