import { ConfigError, parseConfig } from '@bellhop/http';
import { describe, expect, it } from '@jest/globals';
import { configSchema } from './config.js';

const good = {
  PUBLIC_URL: 'https://support.example.com',
  TICKETS_URL: 'http://tickets:3000',
  NOTIFICATIONS_URL: 'http://notifications:3000',
  GUEST_AUTH_URL: 'http://guest-auth:3000',
  OIDC_ISSUER: 'https://login.example.com',
  SESSION_KEY: Buffer.alloc(32, 1).toString('base64'),
};

function problemsOf(changes: Record<string, string | undefined>): readonly string[] {
  try {
    parseConfig(configSchema, { ...good, ...changes });
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('the settings of the portal', () => {
  it.each(['https://support.example.com', 'http://localhost:3000', 'http://127.0.0.1:3000'])('take %s', (url) => {
    expect(problemsOf({ PUBLIC_URL: url })).toEqual([]);
  });

  it.each(['http://support.example.com', 'https://example.com/support'])(
    'refuse %s, where browsers keep no session',
    (url) => {
      expect(problemsOf({ PUBLIC_URL: url })).toEqual([
        expect.stringContaining('PUBLIC_URL must be an origin with https://'),
      ]);
    },
  );

  it.each(['state=x', 'audience=', 'audience', 'a b=c'])('refuse %j as a parameter of a sign-in', (setting) => {
    expect(problemsOf({ OIDC_AUTHORIZATION_PARAMS: setting })).toEqual([
      expect.stringContaining('OIDC_AUTHORIZATION_PARAMS must be like audience=bellhop'),
    ]);
  });

  it('name every problem at once', () => {
    const problems = problemsOf({ TICKETS_URL: 'tickets', GUEST_AUTH_URL: undefined, OIDC_ISSUER: undefined });
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual(['TICKETS_URL', 'GUEST_AUTH_URL', 'OIDC_ISSUER']);
  });
});
