import { startNats, waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Inject } from '@nestjs/common';
import { startTestService, type TestService } from '../../test/test-service.js';
import { Readiness } from './readiness.js';

let letters: string | null = null;
let archive: string | null = null;

class Parts {
  constructor(@Inject(Readiness) readiness: Readiness) {
    readiness.addLesser('dead_letters', () => letters);
    readiness.addLesser('archive', () => {
      if (archive !== null) throw new Error(archive);
      return null;
    });
  }
}

let nats: Awaited<ReturnType<typeof startNats>>;
let service: TestService;
beforeAll(async () => {
  nats = await startNats();
  service = await startTestService({ controllers: [], providers: [Parts], natsUrl: nats.url });
  await waitFor(async () => (await look()).status === 200, { what: 'the service to be ready' });
});
afterAll(async () => {
  await service?.stop();
  await nats?.stop();
});

async function look(): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${service.url}/readyz`);
  return { status: answer.status, body: await answer.json() };
}

async function degraded(): Promise<string[]> {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  return text.split('\n').filter((line) => line.startsWith('bellhop_degraded{'));
}

describe('a lesser part', () => {
  it('that is well is measured as 0', async () => {
    expect(await look()).toEqual({ status: 200, body: { ready: true, missing: [], degraded: [] } });
    expect(await degraded()).toEqual([
      'bellhop_degraded{what="dead_letters",service="tickets"} 0',
      'bellhop_degraded{what="archive",service="tickets"} 0',
    ]);
  });

  it('that is missing, or cannot be asked, is named and measured, and leaves the service ready', async () => {
    letters = 'The stream is full: raise its limits.';
    archive = 'no answer';
    const body = {
      ready: true,
      missing: [],
      degraded: [
        { name: 'dead_letters', problem: letters },
        { name: 'archive', problem: 'Its state is unknown: no answer' },
      ],
    };
    expect(await look()).toEqual({ status: 200, body });
    expect(await degraded()).toEqual([
      'bellhop_degraded{what="dead_letters",service="tickets"} 1',
      'bellhop_degraded{what="archive",service="tickets"} 1',
    ]);
    letters = archive = null;
    expect(await look()).toEqual({ status: 200, body: { ready: true, missing: [], degraded: [] } });
    expect((await degraded()).every((line) => line.endsWith(' 0'))).toBe(true);
  });
});
