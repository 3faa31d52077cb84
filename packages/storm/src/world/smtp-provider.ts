import { headerOf, type SinkRule, SmtpSink } from '@bellhop/local-stack';
import type { Misbehaviour, StormProvider } from './provider.js';

/** How many mails a misbehaviour affects at most: without keys, each lost answer may cost a copy or a mail. */
const LOST_ANSWERS = 15;

/** The line of a mail that phones can read the code from: `@host #123456`. */
const CODE = /^@\S+ #(\d{6})\r?$/m;

const RULES: Record<Misbehaviour, readonly SinkRule[]> = {
  lost_answers: [{ at: 'dot', answer: 'drop', times: LOST_ANSWERS }],
  errors: [
    { at: 'mail', answer: '451 4.3.0 try again later', times: 20 },
    { at: 'dot', answer: '452 4.3.1 no room', times: 20 },
  ],
  silence: [{ at: 'dot', answer: 'silence', times: LOST_ANSWERS }],
  throttling: [{ at: 'mail', answer: '450 4.7.1 too fast', times: 60 }],
  refused_connections: [],
};

export async function startSmtpProvider(): Promise<StormProvider> {
  const sink = await SmtpSink.start();
  // The latency of a provider in the same city: every kill interrupts mails.
  const distance: SinkRule = { at: 'data', delayMs: 20 };
  sink.when(distance);
  let isClosed = false;
  return {
    kind: 'smtp',
    port: sink.port,
    settings: {},
    refusedAddresses: [],
    urlThrough: (port) => `smtp://127.0.0.1:${port}`,
    reportTo: async () => undefined,
    async misbehave(how) {
      for (const rule of RULES[how]) sink.when(rule);
      if (how !== 'refused_connections') return;
      isClosed = true;
      await sink.refuseConnections();
    },
    async behave() {
      sink.forgetRules();
      sink.when(distance);
      // Connections without an answer would otherwise stay open for ten minutes.
      sink.dropConnections();
      if (isClosed) await sink.acceptConnections();
      isClosed = false;
    },
    mails: async () =>
      sink.mails.map(({ to, raw }) => ({
        deliveryId: /^<([0-9a-f-]{36})@/.exec(headerOf(raw, 'Message-ID') ?? '')?.[1] ?? null,
        to: to[0] ?? '',
      })),
    async codeFor(address) {
      const texts = sink.mails.filter(({ to }) => to.includes(address)).map(({ raw }) => raw.toString('latin1'));
      return CODE.exec(texts.findLast((text) => CODE.test(text)) ?? '')?.[1];
    },
    feedback: async () => undefined,
    isAtRest: async () => true,
    stop: () => sink.close(),
  };
}
