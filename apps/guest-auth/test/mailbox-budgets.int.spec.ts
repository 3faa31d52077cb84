import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type RunningGuestAuth, runningGuestAuth } from './running-guest-auth.js';

let app: RunningGuestAuth;
beforeAll(async () => {
  app = await runningGuestAuth({ MAILS_PER_NETWORK: '10' });
});
afterAll(() => app.stop());
beforeEach(() => app.forgetSpendings());

const victim = () => `v${randomUUID().slice(0, 8)}@example.com`;
const file = (email: string, network?: string) =>
  app
    .ask('openChallenge', {
      ...{ purpose: 'filing', ticketId: randomUUID(), email, number: 'ABC123', browser: 'A'.repeat(43) },
      ...(network && { network }),
    })
    .then(
      () => 'sent',
      ({ code, retryAfterSeconds }) => `${code} ${retryAfterSeconds > 0}`,
    );

describe('S42 one mailbox, many spellings', () => {
  it('S42 20 spellings of one mailbox: three mails', async () => {
    const name = `v${randomUUID().slice(0, 8)}`;
    const spellings = Array.from({ length: 20 }, (_, index) => {
      const cut = 1 + (index % (name.length - 1));
      return `${name.slice(0, cut)}.${name.slice(cut)}@${index % 2 ? 'gmail.com' : 'GoogleMail.com'}`;
    });
    const outcomes = [];
    for (const [index, email] of spellings.entries()) outcomes.push(await file(email, `10.${index}.0.0/24`));
    expect(outcomes).toEqual([...Array(3).fill('sent'), ...Array(17).fill('over_budget true')]);
  });

  it('S42 what may be one mailbox has twice as much, also when all ask at once', async () => {
    const name = `v${randomUUID().slice(0, 8)}`;
    const tagged = (index: number) => file(`${name}-${index}@sub${index}.example.com`, `10.${index}.0.0/24`);
    const outcomes = await Promise.all(Array.from({ length: 20 }, (_, index) => tagged(index)));
    expect(outcomes.filter((outcome) => outcome === 'sent')).toHaveLength(6);
  });

  it('S42 a domain has a budget, of which a share stays for networks that have not asked today', async () => {
    const catchAll = () => `${randomUUID().slice(0, 8)}@${randomUUID().slice(0, 8)}.catch-all.example`;
    const outcomes = [];
    for (let index = 0; index < 12; index += 1) outcomes.push(await file(catchAll(), `10.${index % 2}.0.0/24`));
    expect(outcomes).toEqual([...Array(10).fill('sent'), 'over_budget true', 'over_budget true']);
    expect(await file(catchAll())).toBe('over_budget true');
    expect(await file(victim(), '10.0.0.0/24')).toBe('sent');
    expect(await file(catchAll(), '10.9.0.0/24')).toBe('sent');
    expect(await file(catchAll(), '10.9.0.0/24')).toBe('over_budget true');
  });

  it('name no address at rest', async () => {
    const email = victim();
    await file(email);
    const { rows } = await app.database.query('select * from spendings');
    expect(JSON.stringify(rows)).not.toContain(email.split('@')[0]);
    // Nor can whoever has the table try which it is: the hash is keyed.
    const hashes = rows.flatMap((row) => [row.address_hash, row.stem_hash, row.domain_hash]);
    expect(hashes).toHaveLength(3);
    for (const text of [email, email.split('@')[1] as string]) {
      for (const hash of hashes) expect(hash).not.toEqual(createHash('sha256').update(text).digest());
    }
  });
});
