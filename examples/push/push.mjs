// Subscribes to web push as Ada's browser would, and prints every push that arrives. Needs Node and a running `npm run up`.
// Usage: [BELLHOP=path to up.json] node push.mjs [--try] [--once]
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const POLL_MS = 200;
const TRY_TIMEOUT_MS = 60_000;
const ANSWER_TIMEOUT_MS = 10_000;
const ADA = 'ada@example.com';
const AGENT = 'agent@example.com';
const PUSH_OFF =
  'Web push is off there. Use `npm run up`, which switches it on, or set VAPID_KEYS: `npm run bellhop -- vapid` makes a pair.';

/** What its user can do something about: printed without a stack. */
class Failure extends Error {}

const stopping = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stopping.abort());
/** By origin, as a browser has them by host. */
const cookies = new Map();

async function main() {
  const { values: options } = readOptions();
  const up = addresses();
  const device = await subscribe(up);
  try {
    console.log(`Ada's browser is subscribed, as the device ${device.id}.`);
    if (options.try) await causeReply(up);
    else console.log(howTo(up));
    await printPushes(up, device.endpoint, { isOnce: options.once, isTrying: options.try });
  } finally {
    await signOut(up, device.endpoint);
  }
}

function readOptions() {
  try {
    return parseArgs({ options: { once: { type: 'boolean' }, try: { type: 'boolean' } } });
  } catch (error) {
    throw new Failure(`${error.message}\nUsage: node push.mjs [--try] [--once]`);
  }
}

function addresses() {
  const path = process.env.BELLHOP ?? fileURLToPath(new URL('../../.bellhop/up.json', import.meta.url));
  let up;
  try {
    up = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    throw new Failure(`${path} cannot be read: start \`npm run up\`, or set BELLHOP to the path of its up.json.`);
  }
  if (!up.push) throw new Failure(`${path} names no push service: stop \`npm run up\` and start it again.`);
  return up;
}

/** What a page does: key, subscription, registration. */
async function subscribe(up) {
  const { key } = await ask('GET', `${up.notifications}/notifications/push-key`);
  // A page calls `pushManager.subscribe` here, and the browser makes a key pair and keeps the private key. Here the local push service
  // does both, so that it can decrypt.
  const subscription = await ask('POST', `${up.push}/subscriptions`, { body: { vapidKey: key } });
  const token = await signIn(up, ADA);
  const body = { ...subscription, name: 'examples/push' };
  const device = await ask('POST', `${up.notifications}/notifications/push-subscriptions`, { token, body });
  return { id: device.id, endpoint: subscription.endpoint };
}

/**
 * The cookie says which browser signs out, so that no access token is needed. The second request is what `subscription.unsubscribe()`
 * has the browser do.
 */
async function signOut(up, endpoint) {
  await ask('DELETE', `${up.notifications}/notifications/push-subscriptions`);
  await ask('DELETE', endpoint);
  console.log('Signed out: the device is removed and its subscription ended.');
}

async function printPushes(up, endpoint, { isOnce, isTrying }) {
  const printed = new Set();
  const startedAt = Date.now();
  while (!stopping.signal.aborted) {
    const pushes = await ask('GET', `${up.push}/pushes`);
    const isNew = (push) => push.endpoint === endpoint && push.isTaken && !printed.has(push.id);
    // The newest is first.
    for (const push of pushes.filter(isNew).reverse()) {
      printed.add(push.id);
      console.log(await describe(up, push));
      if (isOnce) return;
    }
    if (isTrying && printed.size === 0 && Date.now() - startedAt > TRY_TIMEOUT_MS)
      throw new Failure(
        `No push within ${TRY_TIMEOUT_MS / 1_000} s: \`npm run bellhop -- deliveries list\` shows what waits, and why.`,
      );
    await pause(POLL_MS, undefined, { signal: stopping.signal }).catch(() => {});
  }
}

async function describe(up, { at, text, problem, headers: { ttl, topic, urgency } }) {
  if (!text) return `\nA push without a text: ${problem ?? 'it was sent without one'}`;
  const { title, navigate, data } = JSON.parse(text).notification;
  const lines = {
    title,
    link: navigate,
    TTL: `${ttl} s`,
    topic,
    urgency,
    came: await since(up, data.ticket, at),
    text,
  };
  return ['', ...Object.entries(lines).map(([name, value]) => `  ${name.padEnd(8)} ${value ?? '-'}`), ''].join('\n');
}

/** A push has no time of the reply and no text of it: a page reads both in the conversation, and so does this. */
async function since(up, ticket, at) {
  if (!ticket) return 'at once, without a ticket';
  const { messages } = await ask('GET', `${up.tickets}/tickets/${ticket}`, { token: await signIn(up, ADA) });
  const times = messages.filter(({ author }) => author === 'agent').map(({ createdAt }) => Date.parse(createdAt));
  const last = Math.max(...times.filter((time) => time <= at));
  return Number.isFinite(last) ? `${((at - last) / 1_000).toFixed(1)} s after the reply` : 'without a reply';
}

async function causeReply(up) {
  const filed = { category: 'trading', subject: 'Order stuck', body: 'Order 4711 has been open since noon.' };
  const { id, number } = await ask('POST', `${up.tickets}/tickets`, { token: await signIn(up, ADA), body: filed });
  const reply = { token: await signIn(up, AGENT), body: { body: 'We are looking into it.' } };
  await ask('POST', `${up.tickets}/desk/tickets/${id}/replies`, reply);
  console.log(
    `Ada has filed ticket ${number}, and an agent has replied. The push waits some seconds for further replies.`,
  );
}

function howTo({ tickets, oidc }) {
  const type = `-H 'content-type: application/json'`;
  return String.raw`Waiting for pushes; Ctrl-C ends this. To cause one, let an agent reply to a ticket of Ada's: start this with --try, or enter

  token() { curl -s ${oidc}/dev/token ${type} -d "{\"email\":\"$1\"}" | sed 's/.*"access_token":"\([^"]*\)".*/\1/'; }
  post() { curl -s ${tickets}$2 -H "authorization: Bearer $(token $1)" ${type} -H "idempotency-key: $RANDOM-$RANDOM" -d "$3"; }
  id=$(post ${ADA} /tickets '{"category":"trading","subject":"Order stuck","body":"Open since noon."}' | sed 's/.*"id":"\([^"]*\)".*/\1/')
  post ${AGENT} /desk/tickets/$id/replies '{"body":"We are looking into it."}'
`;
}

/** The local OpenID provider signs its people in without a password. */
async function signIn({ oidc }, email) {
  return (await ask('POST', `${oidc}/dev/token`, { body: { email } })).access_token;
}

/** @returns the JSON of the answer; cookies are kept and sent back, as a browser does */
async function ask(method, url, { token, body } = {}) {
  const { origin } = new URL(url);
  const headers = {
    ...(cookies.has(origin) && { cookie: cookies.get(origin) }),
    ...(token && { authorization: `Bearer ${token}` }),
    ...(body && { 'content-type': 'application/json', 'idempotency-key': randomUUID() }),
  };
  const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  const answer = await fetch(url, { method, headers, signal, body: body && JSON.stringify(body) }).catch((error) => {
    throw new Failure(`${origin} does not answer (${error.cause?.code ?? error.message}): is \`npm run up\` running?`);
  });
  const [given] = answer.headers.getSetCookie();
  if (given) cookies.set(origin, given.split(';')[0]);
  const text = await answer.text();
  if (answer.ok) return text && JSON.parse(text);
  if (text.includes('"push_off"')) throw new Failure(PUSH_OFF);
  throw new Failure(`${method} ${url} was answered ${answer.status}: ${text}`);
}

main().catch((error) => {
  console.error(error instanceof Failure ? error.message : error);
  process.exitCode = 1;
});
