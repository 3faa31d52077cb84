import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { wrong } from './guest.js';
import { type RunningGuestAuth, runningGuestAuth } from './running-guest-auth.js';

let app: RunningGuestAuth;
beforeAll(async () => {
  app = await runningGuestAuth({ CODE_TRIES_PER_NETWORK: '1000' });
});
afterAll(() => app.stop());
beforeEach(() => app.forgetSpendings());

describe('S7 guessing a code', () => {
  it('S7 five wrong ones, and the right one is refused, in every browser', async () => {
    const { browser, challengeId, code } = await app.codeSent();
    const left = [];
    for (let round = 0; round < 5; round += 1) {
      left.push((await browser.verify(challengeId, wrong(code))).body.triesLeft);
    }
    expect(left).toEqual([4, 3, 2, 1, 0]);
    for (const one of [browser, app.browser()]) {
      expect(await one.verify(challengeId, code)).toMatchObject({ status: 410, body: { code: 'challenge_gone' } });
    }
  });

  it('S7 a hundred right ones at once open one session, and every one is counted', async () => {
    const { browser, challengeId, code } = await app.codeSent();
    const other = await app.replica();
    // So that several tries are counted before the first of them can spend the code.
    const lock = { sql: 'select from challenges where id = $1 for update', values: [challengeId], waiting: 5 };
    const answers = await app.holding(lock, () =>
      Array.from({ length: 100 }, (_, index) => browser.at(index % 2 ? other.url : app.url).verify(challengeId, code)),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 410)).toHaveLength(99);
    const { rows } = await app.database.query('select tries from challenges where id = $1', [challengeId]);
    expect(rows).toEqual([{ tries: 100 }]);
    const sessions = await app.database.query('select from sessions where id = $1', [challengeId]);
    expect(sessions.rowCount).toBe(1);
  });

  it('S7 a hundred wrong ones at once: five were compared, a hundred counted, and the right one is too late', async () => {
    const { browser, challengeId, code } = await app.codeSent();
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => browser.at(app.url).verify(challengeId, wrong(code))),
    );
    const left = answers.flatMap(({ status, body }) => (status === 422 ? [body.triesLeft as number] : []));
    expect(left.sort()).toEqual([0, 1, 2, 3, 4]);
    const { rows } = await app.database.query('select tries from challenges where id = $1', [challengeId]);
    expect(rows).toEqual([{ tries: 100 }]);
    expect((await browser.verify(challengeId, code)).status).toBe(410);
  });

  it('S7 a try counts even if what comes after it fails', async () => {
    const { browser, challengeId, code } = await app.codeSent();
    await app.database.query('alter table sessions add constraint broken check (false) not valid');
    const failed = await browser.verify(challengeId, code);
    await app.database.query('alter table sessions drop constraint broken');
    expect(failed.status).toBe(500);
    const { rows } = await app.database.query('select tries, spent_at from challenges where id = $1', [challengeId]);
    expect(rows).toEqual([{ tries: 1, spent_at: null }]);
    expect((await browser.verify(challengeId, code)).status).toBe(200);
  });

  it('S7 requesting a new code does not add tries to the old one: only one works', async () => {
    const { ticket, browser, challengeId, code } = await app.codeSent();
    await browser.verify(challengeId, wrong(code));
    await browser.open(ticket.link);
    expect((await browser.verify(challengeId, code)).status).toBe(410);
    const { rows } = await app.database.query('select tries from challenges where ticket_id = $1', [ticket.ticketId]);
    expect(rows).toEqual([{ tries: 0 }]);
  });

  it('S7 stores no code, and nothing against which codes could be tested', async () => {
    const { challengeId, code } = await app.codeSent();
    const { rows } = await app.database.query('select * from challenges where id = $1', [challengeId]);
    const kept = Object.values(rows[0]).map((value) => (Buffer.isBuffer(value) ? value : Buffer.from(String(value))));
    const sha = (text: string) => createHash('sha256').update(text).digest();
    // A thief of the row can compute a million hashes, so the stored one must need a key that is not in it.
    for (const made of [Buffer.from(code), sha(code), sha(challengeId + code), sha(code + challengeId)]) {
      expect(Buffer.concat(kept).includes(made)).toBe(false);
    }
    expect(rows[0].code_mac).toHaveLength(32);
  });
});

describe('S9 a code that the victim reads out', () => {
  it('S9 fails in every browser but the one that asked, and does not use up its tries', async () => {
    const { ticket, browser, challengeId, code } = await app.codeSent();
    for (let round = 0; round < 6; round += 1) {
      const attacker = app.browser();
      if (round % 2) await attacker.open(ticket.link);
      expect(await attacker.verify(challengeId, code)).toMatchObject({ status: 410, body: { code: 'challenge_gone' } });
      expect(attacker.session).toBeUndefined();
    }
    expect((await browser.verify(challengeId, code)).status).toBe(200);
  });
});
