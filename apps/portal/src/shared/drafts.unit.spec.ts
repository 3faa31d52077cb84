import { describe, expect, it } from '@jest/globals';
import { clearDrafts, type Draft, type Kept, type Place, placeKey, readDraft, writeDraft } from './drafts.js';

/** As a browser keeps things, in a map. */
function storage(): Kept & { map: Map<string, string> } {
  const map = new Map<string, string>();
  return {
    map,
    getItem: (key) => map.get(key) ?? null,
    setItem: (key, value) => void map.set(key, value),
    removeItem: (key) => void map.delete(key),
    key: (at) => [...map.keys()][at] ?? null,
    get length() {
      return map.size;
    },
  };
}

const now = Date.UTC(2026, 10, 30);
const ada: Place = { person: 'ada', ticket: 't1', kind: 'answer' };
const file = { id: 'f1', name: 'a.png', type: 'image/png', sizeBytes: 3 };
const draft: Draft = { key: 'k1', body: 'It left at 11:05', files: [file], at: now };

describe('P2 a draft', () => {
  it('is there again in its place, with its files and its key', () => {
    const kept = storage();
    writeDraft(kept, ada, draft);
    expect(readDraft(kept, ada, now + 60_000)).toEqual(draft);
  });

  it.each([
    ['person', { ...ada, person: 'jan' }],
    ['ticket', { ...ada, ticket: 't2' }],
    ['kind of text', { ...ada, kind: 'new' }],
  ] as const)('is never seen by another %s', (_name, place) => {
    const kept = storage();
    writeDraft(kept, ada, draft);
    expect(readDraft(kept, place, now)).toBeNull();
  });

  it('has a place of its own whatever ids look like', () => {
    expect(placeKey({ ...ada, person: 'a:b', ticket: 'c' })).not.toBe(placeKey({ ...ada, person: 'a', ticket: 'b:c' }));
  });

  it('is gone when it is emptied', () => {
    const kept = storage();
    writeDraft(kept, ada, draft);
    writeDraft(kept, ada, { ...draft, body: '', files: [] });
    expect(kept.map.size).toBe(0);
  });

  it('loses files that the service has removed by now, and keeps its text', () => {
    const kept = storage();
    writeDraft(kept, ada, draft);
    expect(readDraft(kept, ada, now + 24 * 3_600_000)).toEqual({ ...draft, files: [] });
    expect(readDraft(kept, ada, now + 31 * 86_400_000)).toBeNull();
  });

  it('of everybody is gone after sign-out, and nothing else', () => {
    const kept = storage();
    kept.setItem('bellhop.language', 'de');
    writeDraft(kept, ada, draft);
    writeDraft(kept, { ...ada, person: 'jan' }, draft);
    clearDrafts(kept);
    expect([...kept.map.keys()]).toEqual(['bellhop.language']);
  });

  it.each(['', 'null', '{', '{"key":1}', '[]', '"x"'])('is none where storage holds %j', (json) => {
    const kept = storage();
    kept.setItem(placeKey(ada), json);
    expect(readDraft(kept, ada, now)).toBeNull();
  });

  it('does not fail where the browser keeps nothing', () => {
    const refused = () => {
      throw new Error('QuotaExceededError');
    };
    const kept: Kept = { getItem: refused, setItem: refused, removeItem: refused, key: refused, length: 0 };
    expect(() => writeDraft(kept, ada, draft)).not.toThrow();
    expect(readDraft(kept, ada, now)).toBeNull();
  });
});
