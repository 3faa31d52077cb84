import { waitFor } from '@bellhop/local-stack';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Logger, type LoggerService } from '@nestjs/common';
import { undoAfterEach } from '../../test/after-each.js';
import { AUDIENCE, startTokenIssuer } from '../../test/token-issuer.js';
import { TokenVerifier } from './token-verifier.js';

const undo = undoAfterEach();
afterEach(() => {
  jest.restoreAllMocks();
});

/** The warnings of one test. */
function warnings(): unknown[] {
  const lines: unknown[] = [];
  const logger = { warn: (line: unknown) => void lines.push(line) } as LoggerService;
  Logger.overrideLogger(logger);
  undo(() => Logger.overrideLogger(false));
  return lines;
}

async function startIssuer() {
  const issuer = await startTokenIssuer();
  undo(() => issuer.stop());
  return issuer;
}

const AWAY = { status: 503, code: 'temporarily_unavailable' };

describe('a provider that cannot be asked', () => {
  it('is named in the log with the reason, once for each reason', async () => {
    const lines = warnings();
    const issuer = await startIssuer();
    const token = await issuer.token();
    const misnamed = issuer.issuer.replace('127.0.0.1', 'localhost');
    const verifier = new TokenVerifier({ issuer: misnamed, audience: AUDIENCE });
    for (let count = 0; count < 3; count += 1) await expect(verifier.verify(token)).rejects.toMatchObject(AWAY);
    expect(lines).toEqual([
      {
        message: 'the OpenID provider cannot be asked for its keys: it is away, or OIDC_ISSUER is wrong',
        issuer: misnamed,
        reason: `the OpenID provider calls itself ${issuer.issuer}, OIDC_ISSUER says ${misnamed}`,
      },
    ]);
    await issuer.stop();
    for (let count = 0; count < 3; count += 1) await expect(verifier.verify(token)).rejects.toMatchObject(AWAY);
    expect(lines.at(-1)).toMatchObject({ reason: expect.stringMatching(/ECONNREFUSED/) });
    // The connection that was kept alive may have its own word about its end.
    expect(lines.length).toBeLessThanOrEqual(3);
  });
});

describe('S44 a provider that changes its keys', () => {
  it.each<[string, (string | undefined)[]]>([
    ['by other names', ['two', 'three', 'four']],
    ['by no name', [undefined, undefined]],
  ])('S44 is believed again at once, also several times in a row, %s', async (_, kids) => {
    warnings();
    const issuer = await startIssuer();
    const verifier = new TokenVerifier({ issuer: issuer.issuer, audience: AUDIENCE });
    const former = await issuer.token();
    expect(await verifier.verify(former)).toMatchObject({ subject: 'ada' });
    for (const kid of kids) {
      await issuer.rotate(kid);
      const token = await issuer.token();
      const verified = await Promise.all(Array.from({ length: 20 }, () => verifier.verify(token)));
      expect(verified.map(({ subject }) => subject)).toEqual(Array(20).fill('ada'));
    }
    await expect(verifier.verify(former)).rejects.toMatchObject({ status: 401 });
  });

  it('S44 is not asked more than once a second for keys that somebody invents', async () => {
    warnings();
    const issuer = await startIssuer();
    const verifier = new TokenVerifier({ issuer: issuer.issuer, audience: AUDIENCE });
    await verifier.verify(await issuer.token());
    const startedAt = performance.now();
    for (let round = 0; round < 3; round += 1) {
      const tokens = await Promise.all(Array.from({ length: 30 }, (_, n) => issuer.token({}, { kid: `x${n}` })));
      const outcomes = await Promise.allSettled(tokens.map((token) => verifier.verify(token)));
      expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(30);
    }
    const asked = issuer.requests.filter((path) => path === '/keys').length - 1;
    expect(asked).toBeLessThanOrEqual(1 + (performance.now() - startedAt) / 1_000);
  });
});

describe('S44 what is left out or refused', () => {
  it('S44 is said in the log with the setting that would change it', async () => {
    const lines = warnings();
    const issuer = await startIssuer();
    const verifier = new TokenVerifier({ issuer: issuer.issuer, audience: AUDIENCE });
    for (let count = 0; count < 3; count += 1) {
      await verifier.verify(await issuer.token({ email: 'ada@example.com' }));
      await expect(verifier.verify(await issuer.token({}, { typ: 'JWT' }))).rejects.toMatchObject({ status: 401 });
    }
    expect(lines).toEqual([
      expect.objectContaining({ message: expect.stringMatching(/OIDC_TRUST_EMAIL/) }),
      expect.objectContaining({
        message: expect.stringMatching(/OIDC_TOKEN_TYPES/),
        reason: expect.stringMatching(/type is jwt/),
      }),
    ]);
    expect(JSON.stringify(lines)).not.toContain('ada@');
  });
});

describe('a provider that goes away', () => {
  const ELEVEN_MINUTES_MS = 11 * 60_000;

  it('takes nobody with it whose key was known, however long; keys are asked for again meanwhile', async () => {
    warnings();
    const issuer = await startIssuer();
    const verifier = new TokenVerifier({ issuer: issuer.issuer, audience: AUDIENCE });
    const token = await issuer.token();
    await verifier.verify(token);
    const asked = () => issuer.requests.filter((path) => path === '/keys').length;
    expect(asked()).toBe(1);
    const later = Date.now() + ELEVEN_MINUTES_MS;
    jest.spyOn(Date, 'now').mockReturnValue(later);
    expect(await verifier.verify(token)).toMatchObject({ subject: 'ada' });
    await waitFor(() => asked() === 2, { what: 'the keys to be asked for again' });
    await issuer.stop();
    jest.spyOn(Date, 'now').mockReturnValue(later + ELEVEN_MINUTES_MS);
    for (let count = 0; count < 3; count += 1) {
      expect(await verifier.verify(token)).toMatchObject({ subject: 'ada' });
    }
    jest.spyOn(Date, 'now').mockReturnValue(later + 2 * ELEVEN_MINUTES_MS);
    await expect(verifier.verify(await issuer.token({}, { kid: 'two' }))).rejects.toMatchObject(AWAY);
  });
});
