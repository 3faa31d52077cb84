import { type ChildProcess, fork } from 'node:child_process';
import { createECDH, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createVapidKeys } from '@bellhop/local-stack';
import type { World } from './world.js';

const SCRIPT = fileURLToPath(new URL('./push-sink-process.js', import.meta.url));
const REGISTERED_AT_ONCE = 16;

/** The path of each push, and when it came, in milliseconds since 1970; oldest first. */
export type Arrivals = readonly (readonly [path: string, at: number])[];

/** A push service in a process of its own that takes everything. Its browsers share one pair of keys. It ends with its parent. */
export class PushSink {
  readonly vapid = createVapidKeys();
  readonly keys = browserKeys();

  private constructor(
    private readonly child: ChildProcess,
    readonly origin: string,
  ) {}

  static async start(scheme: 'http' | 'https' = 'http'): Promise<PushSink> {
    const child = fork(SCRIPT, [scheme]);
    const [port] = (await once(child, 'message')) as [number];
    return new PushSink(child, `${scheme}://127.0.0.1:${port}`);
  }

  /** What `notifications` needs to push to it. */
  get settings(): Record<string, string> {
    return {
      VAPID_KEYS: `${this.vapid.publicKey}:${this.vapid.privateKey}`,
      PUSH_SUBJECT: 'mailto:operations@example.test',
      PUSH_LOCAL_SERVICE: this.origin,
    };
  }

  /** Switches push on in one browser of each person; its path here is their name. */
  async register(world: World, people: readonly string[]): Promise<void> {
    const left = people.values();
    const one = async () => {
      for (const person of left) await this.registerOne(world, person);
    };
    await Promise.all(Array.from({ length: REGISTERED_AT_ONCE }, one));
  }

  /** The pushes since the last call. */
  async take(): Promise<Arrivals> {
    this.child.send('take');
    const [arrivals] = (await once(this.child, 'message')) as [Arrivals];
    return arrivals;
  }

  async stop(): Promise<void> {
    this.child.disconnect();
    await once(this.child, 'exit');
  }

  private async registerOne({ apps, issuer }: World, person: string): Promise<void> {
    const token = issuer.token({ id: person, email: `${person}@example.test`, locale: 'en', isAgent: false });
    const answer = await fetch(`${apps.get('notifications')?.url}/notifications/push-subscriptions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ endpoint: `${this.origin}/${person}`, keys: this.keys }),
    });
    if (answer.status !== 201) throw new Error(`registering a device: ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
  }
}

function browserKeys() {
  const pair = createECDH('prime256v1');
  return { p256dh: pair.generateKeys('base64url'), auth: randomBytes(16).toString('base64url') };
}
