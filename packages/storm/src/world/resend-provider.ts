import { type ChaosOptions, type ResendServer, startResend } from '@bellhop/local-stack';
import type { Misbehaviour, StormProvider } from './provider.js';

const MAILBOX = /<([^<>]+)>$/;

const CHAOS: Record<Misbehaviour, Omit<ChaosOptions, 'seed'>> = {
  lost_answers: { dropAfter: 0.4, truncateAfter: 0.2, garbageAfter: 0.2 },
  errors: { failBefore: 0.4, failAfter: 0.2, reset: 0.2, dropBefore: 0.1 },
  silence: { hangBefore: 0.2, hangAfter: 0.3, delayAfter: 0.2 },
  throttling: { throttle: 0.6 },
  refused_connections: {},
};

/** A provider with idempotency keys, in a process of its own, so that it is killed like one, too. */
export async function startResendProvider(): Promise<StormProvider> {
  const server = await startResend({
    isProcess: true,
    hasBodies: false,
    // As far away as a provider in the same city: every kill finds requests under way.
    delayMs: 20,
  });
  let misbehaviour: Misbehaviour | undefined;
  return {
    kind: 'resend',
    port: server.port,
    urlThrough(port) {
      const url = new URL(server.url);
      url.port = String(port);
      return url.href;
    },
    async misbehave(how, seed) {
      misbehaviour = how;
      if (how === 'refused_connections') await server.kill();
      else await server.chaos({ seed, ...CHAOS[how] });
    },
    async behave() {
      await forgive(server, misbehaviour);
      misbehaviour = undefined;
    },
    count: async () => (await server.emails({ isBrief: true })).length,
    mails: async () =>
      (await server.emails({ isBrief: true })).map(({ to, tags, key, acceptedAt }) => ({
        deliveryId: tags.delivery ?? null,
        to: MAILBOX.exec(to[0] ?? '')?.[1] ?? to[0] ?? '',
        // All mails of one request are accepted at one moment.
        ...(key !== null && { key, request: String(acceptedAt) }),
      })),
    stop: () => server.stop(),
  };
}

async function forgive(server: ResendServer, misbehaviour: Misbehaviour | undefined): Promise<void> {
  if (misbehaviour === undefined) return;
  if (misbehaviour === 'refused_connections') return server.resume();
  await server.chaos(null);
  // Those that it is silent on wait until their connections end.
  await server.pause();
  await server.resume();
}
