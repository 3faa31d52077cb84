import { type ResendServer, startResend, waitFor } from '@bellhop/local-stack';
import type pg from 'pg';
import { type Losses, lossesOf, type Rival, rivalEvent, startBullmq, startTextbook } from '../rivals/index.js';
import type { Context, Figure, Row } from '../row.js';
import { World } from '../world/world.js';

export const TEXTBOOK = 'textbook Nest (NATS transport)';
const BULLMQ = 'BullMQ + Redis';
export const RIVALS_NOTE =
  'Rivals: the same mails to the same server, one save(), one render() and one request per mail, as their documentation shows.';

/** Rivals on the same servers as Bellhop, each with a database of its own. */
export class Rivals {
  private readonly running = new Map<string, { rival: Rival; database: pg.Client }>();

  /** @param count events per measurement */
  constructor(
    private readonly world: World,
    private readonly provider: ResendServer,
    private readonly count: number,
  ) {}

  /** Starts and warms up the rivals. @returns which are missing, and why */
  async start(): Promise<string[]> {
    const textbook = await this.servers('textbook');
    await this.add(TEXTBOOK, await startTextbook(textbook), textbook.databaseUrl);
    const bullmq = await this.servers('bullmq');
    const rival = await startBullmq(bullmq);
    if ('unavailable' in rival) return [`${BULLMQ} was not measured: ${rival.unavailable}`];
    await this.add(BULLMQ, rival, bullmq.databaseUrl);
    return [];
  }

  contenders(): Record<string, () => Promise<number>> {
    return Object.fromEntries([...this.running.keys()].map((name) => [name, () => this.deliver(name, this.count)]));
  }

  async losses(name: string): Promise<Losses | undefined> {
    const found = this.running.get(name);
    return found && lossesOf(found.rival, this.provider);
  }

  async stop(): Promise<void> {
    for (const { rival } of this.running.values()) await rival.stop();
  }

  private async add(name: string, rival: Rival, databaseUrl: string): Promise<void> {
    this.running.set(name, { rival, database: await this.world.client(databaseUrl) });
    await this.deliver(name, this.count / 2);
  }

  /** @returns mails per second, until the last one is recorded as sent */
  private async deliver(name: string, count: number): Promise<number> {
    const { rival, database } = this.running.get(name) as { rival: Rival; database: pg.Client };
    await database.query('delete from mail');
    const events = Array.from({ length: count }, (_, index) => rivalEvent(`p-${index}@example.test`));
    const sent = async () =>
      Number((await database.query(`select count(*) from mail where state = 'sent'`)).rows[0]?.count);
    const startedAt = performance.now();
    await rival.publish(events);
    await waitFor(async () => (await sent()) >= count, { timeoutMs: 120_000, what: `the mails of ${name}` });
    return count / ((performance.now() - startedAt) / 1_000);
  }

  private async servers(name: string) {
    return {
      natsUrl: this.world.nats.url,
      databaseUrl: await this.world.foreignDatabase(name),
      resendBaseUrl: this.provider.httpUrl,
      resendKey: new URL(this.provider.url).username,
    };
  }
}

export const losses: Row = {
  name: 'losses',
  isLong: true,
  title: 'killed in mid-run, 2 s away: people of 1,100 who got no mail',
  async run({ progress }: Context) {
    const provider = await startResend({ isProcess: true, hasBodies: false });
    const world = await World.start({ apps: ['notifications'], emailUrl: provider.url });
    const rivals = new Rivals(world, provider, 100);
    const say = (name: string, { mails, lost, doubled }: Losses) =>
      progress(`${name}: ${mails} mails, ${lost} lost, ${doubled} twice`);
    try {
      const ours = await lossesOf(bellhop(world), provider);
      say('Bellhop', ours);
      const missing = await rivals.start();
      const others: Figure[] = [];
      const details: Record<string, Losses> = { Bellhop: ours };
      for (const name of [TEXTBOOK, BULLMQ]) {
        const theirs = await rivals.losses(name);
        if (!theirs) continue;
        say(name, theirs);
        others.push({ what: name, runs: [theirs.lost] });
        details[name] = theirs;
      }
      return {
        unit: 'people',
        figures: [{ what: 'Bellhop', runs: [ours.lost] }],
        others,
        goals: [
          { text: 'none lost', reached: String(ours.lost), isReached: ours.lost === 0 },
          { text: 'nobody told twice', reached: `${ours.doubled} twice`, isReached: ours.doubled === 0 },
        ],
        notes: [
          `Killed: ${Object.entries(details)
            .map(([name, { lost, doubled }]) => `${name} lost ${lost}, told ${doubled} twice`)
            .join(
              '; ',
            )}. All three send under an idempotency key; 1,000 events before the kill, 100 while the process was away.`,
          ...missing,
        ],
        details,
      };
    } finally {
      await rivals.stop();
      await world.stop();
      await provider.stop();
    }
  },
};

/** Bellhop with the interface of a rival. */
function bellhop(world: World): Rival {
  return {
    name: 'Bellhop',
    publish: (events) => world.publishEvents(events),
    unfinished: async () => (await world.left('TICKETS')) + (await world.undelivered()),
    kill: () => world.kill('notifications'),
    resume: () => world.revive('notifications'),
    stop: async () => undefined,
  };
}
