import { describe, expect, it } from '@jest/globals';
import { databaseProblem } from './database-problem.js';

const URL = 'postgres://tickets:hunter2@db.example.com/tickets';

describe('what is said of Postgres', () => {
  it.each([
    ['25006', /takes no writes: it is a standby or set to read only\. Point DATABASE_URL to the primary/],
    ['53100', /has no space left on its disk: free some/],
    ['58030', /cannot write to its disk: its own log says why/],
    ['ECONNREFUSED', /does not answer \(ECONNREFUSED\): start it/],
  ])('after %s names the place, the fault and what to do, and no password', (code, sentence) => {
    const said = databaseProblem(Object.assign(new Error('hunter2'), { code }), URL);
    expect(said).toMatch(/^Postgres at db\.example\.com:5432 /);
    expect(said).toMatch(sentence);
    expect(said).not.toContain('hunter2');
  });
});
