import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '../folders.js';
import { Journal, type JournalEntry } from './journal.js';

describe('the journal', () => {
  const folder = temporaryFolder('journal');
  afterAll(() => folder.remove());
  const entry = (answer: string): JournalEntry => ({ emails: [], request: null, answer, at: 1 });

  it('reads what was appended, and drops a last line that a kill cut short', () => {
    const path = join(folder.path, 'a.jsonl');
    const journal = new Journal(path);
    expect(journal.read()).toEqual([]);
    journal.append(entry('zażółć'));
    appendFileSync(path, '{"emails":[],"requ');
    expect(journal.read()).toEqual([entry('zażółć')]);
    journal.append(entry('next'));
    expect(journal.read()).toEqual([entry('zażółć'), entry('next')]);
  });

  it('is empty when cleared', () => {
    const journal = new Journal(join(folder.path, 'b.jsonl'));
    journal.append(entry('a'));
    journal.clear();
    expect(journal.read()).toEqual([]);
  });
});
