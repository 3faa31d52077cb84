import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CliError, EXIT } from './cli.errors.js';

/** The notifier to speak to, and the token that says who speaks. */
export interface Session {
  readonly url: string;
  readonly token: string;
}

const OPERATOR = 'ops@example.com';

/**
 * `BELLHOP_URL` and `BELLHOP_TOKEN` if they are set, else the local stack that runs (`npm run up`), whose OpenID provider
 * signs in its operator without a password.
 */
export async function openSession(env: NodeJS.ProcessEnv): Promise<Session> {
  const { BELLHOP_URL: url, BELLHOP_TOKEN: token } = env;
  if (url && token) return { url: checkedUrl(url), token };
  if (url || token) {
    const missing = url ? 'BELLHOP_TOKEN, an access token with the role operator' : 'BELLHOP_URL';
    throw new CliError(EXIT.usage, `Set ${missing}, too; or neither, to speak to a running \`npm run up\`.`);
  }
  const local = localStack(env);
  return { url: local.notifications, token: await localToken(local.oidc) };
}

function checkedUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new CliError(EXIT.usage, 'BELLHOP_URL must be the address of notifications, such as https://example.com/api.');
}

function localStack(env: NodeJS.ProcessEnv): { notifications: string; oidc: string } {
  const folder = env.BELLHOP_DATA_DIR ?? join(import.meta.dirname, '../../../.bellhop');
  const file = resolve(folder, 'up.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  const message =
    'Nothing to speak to: set BELLHOP_URL and BELLHOP_TOKEN, or start the local stack with `npm run up` ' +
    `(there is no ${file}).`;
  throw new CliError(EXIT.unreachable, message);
}

async function localToken(oidc: string): Promise<string> {
  try {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ email: OPERATOR });
    const answer = await fetch(`${oidc}/dev/token`, { method: 'POST', headers, body });
    return ((await answer.json()) as { access_token: string }).access_token;
  } catch {
    throw new CliError(
      EXIT.unreachable,
      `The local OpenID provider at ${oidc} does not answer: is \`npm run up\` running?`,
    );
  }
}
