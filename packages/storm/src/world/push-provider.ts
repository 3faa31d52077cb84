import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createVapidKeys, type PushFaultRule, PushService } from '@bellhop/local-stack';

/** How the push service can fail. `silence`: it takes a push, or does not, and never answers. */
export const PUSH_MISBEHAVIOURS = ['lost_answers', 'errors', 'silence', 'throttling', 'refused_connections'] as const;
export type PushMisbehaviour = (typeof PUSH_MISBEHAVIOURS)[number];

/** So that a storm of an hour loses none. */
const MOST_KEPT = 1_000_000;
/** How many pushes each of these meets at most: a client waits five seconds for each answer. */
const UNANSWERED = 10;
const PAUSED_SECONDS = 1;

const RULES: Record<PushMisbehaviour, readonly PushFaultRule[]> = {
  lost_answers: [
    { at: 'after', answer: 'drop', times: UNANSWERED },
    { at: 'after', answer: { status: 500 }, times: UNANSWERED },
  ],
  errors: [
    { at: 'before', answer: 'drop', times: UNANSWERED },
    { at: 'before', answer: { status: 503, retryAfterSeconds: PAUSED_SECONDS }, times: UNANSWERED },
  ],
  silence: [
    { at: 'before', answer: 'hang', times: UNANSWERED / 2 },
    { at: 'after', answer: 'hang', times: UNANSWERED },
  ],
  throttling: [{ at: 'before', answer: { status: 429, retryAfterSeconds: PAUSED_SECONDS } }],
  refused_connections: [],
};

/**
 * The push service of all browsers, which decrypts what they get; and a server of a stranger, who would like to be sent something as well.
 */
export class PushProvider {
  /** Connections that the stranger got. */
  strangersVisits = 0;
  private readonly vapid = createVapidKeys();

  private constructor(
    readonly service: PushService,
    private readonly stranger: Server,
  ) {
    // Before anything is sent.
    stranger.on('connection', () => {
      this.strangersVisits += 1;
    });
  }

  static async start(): Promise<PushProvider> {
    const stranger = createServer((_, response) => response.writeHead(201).end());
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    return new PushProvider(await PushService.start({ mostKept: MOST_KEPT }), stranger);
  }

  /** Of the app that sends pushes. */
  get settings(): Readonly<Record<string, string>> {
    return {
      VAPID_KEYS: `${this.vapid.publicKey}:${this.vapid.privateKey}`,
      PUSH_SUBJECT: 'mailto:operations@example.test',
      PUSH_LOCAL_SERVICE: this.service.url,
      PUSH_QUIET_SECONDS: '1',
    };
  }

  /** A browser with a subscription. */
  subscribe() {
    return this.service.subscribe({ vapidKey: this.vapid.publicKey });
  }

  /** What a browser could have, but for its endpoint, which is at the stranger's. */
  subscribeAtStranger() {
    const { port } = this.stranger.address() as AddressInfo;
    return { ...this.subscribe(), endpoint: `http://127.0.0.1:${port}/push/stranger` };
  }

  async misbehave(how: PushMisbehaviour): Promise<void> {
    for (const rule of RULES[how]) this.service.when(rule);
    if (how === 'refused_connections') await this.service.pause();
  }

  async behave(): Promise<void> {
    this.service.forgetRules();
    // Pushes that it left unanswered wait until their connections end.
    await this.service.pause();
    await this.service.resume();
  }

  async stop(): Promise<void> {
    this.stranger.closeAllConnections();
    await new Promise((resolve) => this.stranger.close(resolve));
    await this.service.close();
  }
}
