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
