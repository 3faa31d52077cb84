import { randomBytes, randomUUID } from 'node:crypto';
import { type RpcRequest, rpcs } from '@bellhop/contracts/rpc';
import { headers, type Msg, type NatsConnection } from '@nats-io/transport-node';

/** What it makes of the next questions. `silent`: it hears them, and no answer comes. */
export type Mood = 'answers' | 'silent' | { refuses: string; retryAfterSeconds?: number };

/** Speaks the contract of `guest-auth` on the real NATS, as the tests of this app need it. */
export class GuestAuthStandIn {
  mood: Mood = 'answers';
  readonly challenges: (RpcRequest<'openChallenge'> & { challengeId: string })[] = [];
  /** What was asked about before anything was written. */
  readonly rooms: RpcRequest<'roomForCode'>[] = [];
  sessionsRead = 0;
  /** Of these, how many were used, and not only looked at. */
  sessionsUsed = 0;
  private readonly sessions = new Map<string, { email: string; ticketIds: string[]; expiresAt: string }>();
  private subscriptions: { unsubscribe(): void }[] = [];

  constructor(private readonly connection: NatsConnection) {
    void this.arrive();
  }

  /** Resolves when the server knows of it: who asks then is answered. */
  async arrive(): Promise<void> {
    this.subscriptions = [
      this.answer(rpcs.roomForCode.subject, (request) => this.room(rpcs.roomForCode.request.parse(request))),
      this.answer(rpcs.openChallenge.subject, (request) => this.open(rpcs.openChallenge.request.parse(request))),
      this.answer(rpcs.readSession.subject, (request) => this.read(rpcs.readSession.request.parse(request))),
    ];
    await this.connection.flush();
  }

  /** From now on nobody is there. */
  async leave(): Promise<void> {
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    await this.connection.flush();
  }

  /** A session as a guest's browser has it after a code: the header that it sends. */
  session(email: string, ticketIds: string[], expiresInMs = 1_800_000): { cookie: string; token: string } {
    const token = randomBytes(32).toString('base64url');
    this.sessions.set(token, { email, ticketIds, expiresAt: new Date(Date.now() + expiresInMs).toISOString() });
    return { cookie: `__Host-bellhop-guest=${token}`, token };
  }

  revoke(token: string): void {
    this.sessions.delete(token);
  }

  private room(request: RpcRequest<'roomForCode'>) {
    this.rooms.push(request);
    return {};
  }

  private open(request: RpcRequest<'openChallenge'>) {
    const challengeId = randomUUID();
    this.challenges.push({ ...request, challengeId });
    return { challengeId, sentTo: 'j***@e***', expiresAt: new Date(Date.now() + 600_000).toISOString() };
  }

  private read({ token, isUse = true }: RpcRequest<'readSession'>) {
    this.sessionsRead++;
    if (isUse) this.sessionsUsed++;
    return this.sessions.get(token) ?? null;
  }

  private answer(subject: string, handle: (request: unknown) => unknown) {
    return this.connection.subscribe(subject, {
      queue: 'guest-auth',
      callback: (_error, message) => this.reply(message, handle),
    });
  }

  private reply(message: Msg, handle: (request: unknown) => unknown): void {
    if (typeof this.mood === 'object') {
      message.respond('', { headers: refusal(this.mood) });
      return;
    }
    const answer = handle(message.json());
    if (this.mood === 'answers') message.respond(JSON.stringify(answer));
  }
}

function refusal({ refuses, retryAfterSeconds }: Extract<Mood, object>) {
  const told = headers();
  told.set('Nats-Service-Error-Code', '400');
  told.set('Nats-Service-Error', 'No.');
  told.set('Bellhop-Error-Code', refuses);
  if (retryAfterSeconds !== undefined) told.set('Bellhop-Retry-After', String(retryAfterSeconds));
  return told;
}
