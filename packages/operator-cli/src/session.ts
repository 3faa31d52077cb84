import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { answerOf } from './answer.js';
import { CliError, EXIT } from './cli.errors.js';

/** Where `notifications` is, and the access token of the operator. */
export interface Session {
  readonly url: string;
  readonly token: string;
}

/** Of a command that asks no server. */
export const NO_SESSION: Session = { url: '', token: '' };

const OPERATOR = 'ops@example.com';

/**
 * From `BELLHOP_URL` and `BELLHOP_TOKEN` if they are set, otherwise of the running local stack (`npm run up`), whose OpenID provider
 * signs in its operator without a password.
 */
export async function openSession(env: NodeJS.ProcessEnv): Promise<Session> {
  const { BELLHOP_URL: url, BELLHOP_TOKEN: token } = env;
  if (url && token) return { url: checkedUrl(url), token: checkedToken(token) };
  if (url || token) {
    const missing = url ? 'BELLHOP_TOKEN, an access token with the role operator' : 'BELLHOP_URL';
    throw new CliError(EXIT.usage, `Set ${missing}, too; or neither, to use a running \`npm run up\`.`);
  }
  const local = localStack(env);
  return { url: local.notifications, token: await localToken(local.oidc) };
}

/** Credentials in it are refused here: the error message of `fetch` would contain them. */
function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash) return text;
  throw new CliError(
    EXIT.usage,
    'BELLHOP_URL must be the address of notifications and nothing more, such as https://example.com/api.',
  );
}

/** A token that no header can carry is refused here: the error message of `fetch` would contain it. */
function checkedToken(text: string): string {
  if (/^[\x21-\x7e]+$/.test(text)) return text;
  throw new CliError(
    EXIT.usage,
    'BELLHOP_TOKEN must be one access token, without spaces, line breaks or other characters before, in or after it.',
  );
}

function localStack(env: NodeJS.ProcessEnv): { notifications: string; oidc: string } {
  const folder = env.BELLHOP_DATA_DIR ?? join(import.meta.dirname, '../../../.bellhop');
  const file = resolve(folder, 'up.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8'));
  const message =
    'No service to connect to: set BELLHOP_URL and BELLHOP_TOKEN, or start the local stack with `npm run up` ' +
    `(there is no ${file}).`;
  throw new CliError(EXIT.unreachable, message);
}

async function localToken(oidc: string): Promise<string> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ email: OPERATOR });
  const { content } = await answerOf(`${oidc}/dev/token`, { method: 'POST', headers, body }).catch(() => ({
    content: undefined,
  }));
  const token = (content as { access_token?: string } | undefined)?.access_token;
  if (token) return token;
  throw new CliError(
    EXIT.unreachable,
    `The local OpenID provider at ${oidc} does not answer: is \`npm run up\` running?`,
  );
}
