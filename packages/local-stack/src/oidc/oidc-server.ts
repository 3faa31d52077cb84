import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { importJWK, SignJWT } from 'jose';
import type { Provider } from 'oidc-provider';
import type { Keys } from './keys.js';
import { signInPage } from './pages.js';
import { claimsOf, people } from './people.js';
import { createProvider, type ProviderOptions, TOKEN_SECONDS } from './provider.js';

const MAX_BODY_BYTES = 10_000;

/** The provider, its sign-in page, and tokens for scripts. */
export function createOidcServer(options: ProviderOptions): Server {
  const provider = createProvider(options);
  const standard = provider.callback();
  return createServer((request, response) => {
    const answer = route(request, { provider, options });
    if (!answer) return void standard(request, response);
    answer(request, response).catch((error: unknown) => problem(response, 400, 'bad_request', String(error)));
  });
}

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

function route(request: IncomingMessage, { provider, options }: { provider: Provider; options: ProviderOptions }) {
  const path = new URL(request.url ?? '/', options.issuer).pathname;
  const handlers: Record<string, Handler> = {
    'POST /dev/token': (req, res) => devToken(req, res, options),
    'GET /interaction': async (_, res) => page(res, signInPage(path, people)),
    'POST /interaction': (req, res) => signIn(req, res, provider),
  };
  const known = path.replace(/^\/interaction\/[\w-]+$/, '/interaction');
  return handlers[`${request.method} ${known}`];
}

async function signIn(request: IncomingMessage, response: ServerResponse, provider: Provider): Promise<void> {
  const accountId = new URLSearchParams(await body(request)).get('person');
  if (!people.some(({ id }) => id === accountId)) return problem(response, 404, 'unknown_person', 'Pick somebody.');
  await provider.interactionFinished(request, response, { login: { accountId: accountId as string } });
}

async function devToken(request: IncomingMessage, response: ServerResponse, options: ProviderOptions): Promise<void> {
  const { email, authTime } = JSON.parse(await body(request)) as { email?: unknown; authTime?: unknown };
  const person = people.find((one) => one.email === email);
  if (!person) {
    const known = people.map((one) => one.email).join(', ');
    return problem(response, 404, 'unknown_person', `Nobody here has this address. Known are: ${known}.`);
  }
  // A script may say when the person signed in, in seconds since 1970; else it is now.
  const auth_time = typeof authTime === 'number' ? authTime : Math.floor(Date.now() / 1000);
  const token = await sign(person.id, { ...claimsOf(person), auth_time }, options);
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: TOKEN_SECONDS }));
}

/** The same shape as the provider's own access tokens (RFC 9068). */
async function sign(
  subject: string,
  claims: Record<string, unknown>,
  { issuer, audience, keys }: { issuer: string; audience: string; keys: Keys },
): Promise<string> {
  const { kid, alg } = keys.signing;
  return new SignJWT({ ...claims, client_id: 'bellhop', scope: 'openid email profile' })
    .setProtectedHeader({ alg, kid, typ: 'at+jwt' })
    .setSubject(subject)
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt()
    .setJti(crypto.randomUUID())
    .setExpirationTime(`${TOKEN_SECONDS}s`)
    .sign(await importJWK(keys.signing, alg));
}

async function body(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += chunk;
    if (text.length > MAX_BODY_BYTES) throw new Error('The request is too large.');
  }
  return text;
}

function page(response: ServerResponse, html: string): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(html);
}

/** RFC 9457. */
function problem(response: ServerResponse, status: number, code: string, detail: string): void {
  response.writeHead(status, { 'content-type': 'application/problem+json' });
  response.end(JSON.stringify({ type: 'about:blank', title: 'Not possible', status, code, detail }));
}
