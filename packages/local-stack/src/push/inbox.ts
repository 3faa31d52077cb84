import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../resend/clock.js';
import { type Answer, describe, json, misbehave, write } from './answers.js';
import { type PushFaultPoint, PushFaultRules } from './faults.js';
import { PushProblem } from './problems.js';
import { decrypt, readSealed } from './push-message.js';
import type { ReceivedPush, ReceivedPushes } from './received-pushes.js';
import { checkHeaders, headersOf, MOST_BYTES } from './request-rules.js';
import type { Subscription, Subscriptions } from './subscriptions.js';
import { checkVapid } from './vapid-token.js';

/** Where services differ. */
export interface PushSettings {
  /**
   * What is answered to a push that another key signed than the one that the subscription is bound to: 403 with Google's
   * sentence, or 400 with Apple's reason. Default `google`.
   */
  keyMismatch?: 'google' | 'apple';
  /** Whether `sub` may be at localhost. Apple refuses it. Default false. */
  isLocalSubjectAllowed?: boolean;
}

const GOOGLE =
  'the VAPID credentials in the authorization header do not correspond to the credentials used to create the subscriptions.';

/** Takes pushes, or does not: the rules of RFC 8030, 8291 and 8292, and what it is told to do instead. */
export class Inbox {
  readonly rules = new PushFaultRules();
  settings: PushSettings = {};

  /** @param origin of the service, such as `http://127.0.0.1:1090` */
  constructor(
    private readonly subscriptions: Subscriptions,
    private readonly clock: Clock,
    private readonly origin: () => string,
    readonly pushes: ReceivedPushes,
  ) {}

  async receive(request: IncomingMessage, response: ServerResponse, id: string): Promise<void> {
    const endpoint = `${this.origin()}${request.url}`;
    const opened = this.pushes.open(endpoint, headersOf(request.headers), this.clock.now());
    const { push } = opened;
    response.once('finish', () => {
      push.outcome = response.statusCode;
    });
    response.once('close', () => {
      if (push.outcome === 'open') push.outcome = 'dropped';
    });
    const meets = async (at: PushFaultPoint) => {
      const rule = this.rules.take(at, { endpoint, request: opened.request });
      if (!rule) return false;
      if (rule.answer !== undefined && !push.isTaken) push.problem = describe(rule);
      const onAnswered = (status: number) => {
        push.outcome = status;
      };
      return misbehave(rule, response, { usual: this.taken(push), onAnswered });
    };
    try {
      await this.handle(request, response, { push, id, meets });
    } catch (error) {
      if (!(error instanceof PushProblem)) throw error;
      push.problem = error.message;
      write(response, this.refusal(error));
    }
  }

  private async handle(request: IncomingMessage, response: ServerResponse, { push, id, meets }: Visit): Promise<void> {
    if (await meets('arrival')) return;
    const { body, bytes } = await bodyOf(request);
    push.bytes = bytes;
    const subscription = this.open(id);
    const ttlSeconds = checkHeaders(push.headers, bytes);
    push.vapidKey = this.checkKey(request.headers.authorization, subscription);
    this.read(body, subscription, push);
    if (await meets('before')) return;
    if (subscription.vapidKey === null) this.subscriptions.change(subscription, { vapidKey: push.vapidKey });
    this.pushes.take(push, ttlSeconds);
    if (await meets('after')) return;
    const isShortened = ttlSeconds !== Number(push.headers.ttl);
    const { headers, ...answer } = this.taken(push);
    write(response, { ...answer, headers: { ...headers, ...(isShortened && { ttl: String(ttlSeconds) }) } });
  }

  private open(id: string): Subscription {
    const subscription = this.subscriptions.find(id);
    if (!subscription) throw new PushProblem(404, 'Unregistered', 'There is no such subscription.');
    if (subscription.isGone) throw new PushProblem(410, 'Unregistered', 'The subscription was ended.');
    return subscription;
  }

  /** RFC 8292, 4.2. @returns the key that signed */
  private checkKey(authorization: string | undefined, { vapidKey }: Subscription): string {
    const { isLocalSubjectAllowed = false } = this.settings;
    const key = checkVapid(authorization, { origin: this.origin(), nowMs: this.clock.now(), isLocalSubjectAllowed });
    if (vapidKey === null || key === vapidKey) return key;
    const status = this.settings.keyMismatch === 'apple' ? 400 : 403;
    throw new PushProblem(status, 'VapidPkHashMismatch', 'The subscription is bound to another VAPID key.');
  }

  /** A service cannot decrypt: it takes what only the browser finds out to be wrong. */
  private read(body: Buffer, subscription: Subscription, push: ReceivedPush): void {
    if (body.length === 0) {
      push.text = '';
      return;
    }
    const sealed = readSealed(body);
    try {
      push.text = decrypt(sealed, subscription).toString('utf8');
    } catch (error) {
      push.problem = (error as Error).message;
    }
  }

  private taken({ id }: ReceivedPush): Answer {
    return { status: 201, headers: { location: `${this.origin()}/messages/${id}` }, body: '' };
  }

  private refusal({ status, reason, message }: PushProblem): Answer {
    if (status === 403 && reason === 'VapidPkHashMismatch')
      return { status, headers: { 'content-type': 'text/plain' }, body: `${GOOGLE}\n` };
    return json(status, { reason, message }, status === 401 ? { 'www-authenticate': 'vapid' } : {});
  }
}

interface Visit {
  push: ReceivedPush;
  /** Of the subscription. */
  id: string;
  /** Does what a rule says at this point. @returns whether the request has met its end there */
  meets(at: PushFaultPoint): Promise<boolean>;
}

/** No more of it than shows that it is too large; the rest is read and forgotten, so that the sender hears the answer. */
async function bodyOf(request: IncomingMessage): Promise<{ body: Buffer; bytes: number }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on('data', (chunk: Buffer) => {
    if (bytes <= MOST_BYTES) chunks.push(chunk);
    bytes += chunk.length;
  });
  if (!request.readableEnded) await once(request, 'end');
  return { body: Buffer.concat(chunks), bytes };
}
