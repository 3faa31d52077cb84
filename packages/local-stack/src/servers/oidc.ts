import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../folders.js';
import { LocalStackError } from '../local-stack.errors.js';
import { startOnFreePort } from '../ports.js';
import { type Child, startChild, untilUp } from '../processes/child.js';

const SCRIPT = fileURLToPath(new URL('../../dist/oidc/oidc-process.js', import.meta.url));

export interface OidcOptions {
  port?: number;
  /** What the tokens are for; `bellhop` if not said. */
  audience?: string;
  /** How long access tokens of a sign-in are good; 8 hours if not said. */
  tokenSeconds?: number;
  /** Where the signing key is kept; without it: a temporary folder. */
  dataDir?: string;
  onLine?: (line: string) => void;
}

export interface OidcProvider {
  readonly issuer: string;
  readonly audience: string;
  /**
   * An access token of one of the seeded people (`ada@example.com`, `agent@example.com`, …).
   * @param authTime when they signed in, in seconds since 1970; now if not said
   */
  token(email: string, authTime?: number): Promise<string>;
  stop(): Promise<void>;
}

/** A real OpenID provider with seeded people, who sign in without a password. Never outside the local stack. */
export async function startOidc({ audience = 'bellhop', ...options }: OidcOptions = {}): Promise<OidcProvider> {
  const temporary = options.dataDir === undefined ? temporaryFolder('oidc') : undefined;
  const dataDir = options.dataDir ?? (temporary as { path: string }).path;
  const launch = async (port: number): Promise<Child> => {
    const child = startChild({
      name: 'The OpenID provider',
      command: process.execPath,
      args: [SCRIPT, String(port), audience, dataDir, ...(options.tokenSeconds ? [String(options.tokenSeconds)] : [])],
      env: { PATH: process.env.PATH ?? '' },
      onLine: options.onLine,
    });
    const discovery = `http://127.0.0.1:${port}/.well-known/openid-configuration`;
    await untilUp('The OpenID provider', child, async () => (await fetch(discovery)).ok || undefined);
    return child;
  };
  try {
    const { started: child, port } = await startOnFreePort(launch, options.port);
    const issuer = `http://127.0.0.1:${port}`;
    const stop = async () => {
      await child.stop();
      temporary?.remove();
    };
    return { issuer, audience, token: (email, authTime) => tokenFor(issuer, email, authTime), stop };
  } catch (error) {
    temporary?.remove();
    throw error;
  }
}

async function tokenFor(issuer: string, email: string, authTime?: number): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${issuer}/dev/token`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ email, authTime }),
  });
  const { access_token, detail } = (await answer.json()) as { access_token?: string; detail?: string };
  if (access_token === undefined) throw new LocalStackError('no_token', detail ?? `No token for ${email}.`);
  return access_token;
}
