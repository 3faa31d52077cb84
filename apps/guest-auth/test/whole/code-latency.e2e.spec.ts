import { waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Browser } from './browser.js';
import { HelpDesk, hasCode } from './help-desk.js';

const CODES = 100;
/** The aim on an idle machine is one second; this is for one that runs other tests beside. */
const BOUND_MS = 5_000;

let desk: HelpDesk;
beforeAll(async () => {
  desk = await HelpDesk.start();
}, 120_000);
afterAll(() => desk?.stop(), 60_000);

describe('somebody who waits for a code', () => {
  it(`has it within a second, on an idle machine: ${CODES} people, one after the other`, async () => {
    const tookMs: number[] = [];
    for (let n = 0; n < CODES; n++) {
      const email = `person-${n}@example.com`;
      const startedAt = performance.now();
      await desk.file(new Browser(`10.0.${n}.9`), email);
      await waitFor(async () => (await desk.mailsTo(email)).some(hasCode), { what: `the code of ${email}` });
      tookMs.push(performance.now() - startedAt);
      await desk.mailbox.clear();
    }
    tookMs.sort((a, b) => a - b);
    const at = (share: number) => Math.round(tookMs[Math.ceil(tookMs.length * share) - 1] as number);
    console.log(`asked → in the mailbox: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms`);
    expect(at(0.99)).toBeLessThan(BOUND_MS);
  }, 240_000);
});
