import { type ReadinessDetails, readinessDetails } from '@bellhop/contracts/http';
import { Readiness } from '@bellhop/http';
import { startNats, waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { startTestService, type TestService } from '../../test/test-service.js';

const OFF = [{ name: 'push', problem: 'It is off.' }];
let letters: string | null = null;
let archive: string | null = null;

@Injectable()
class Parts {
  constructor(readiness: Readiness) {
    readiness.addOff('push', 'It is off.');
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
  service = await startTestService({ controllers: [], providers: [Parts], config: { NATS_URL: nats.url } });
  await waitFor(async () => (await look()).status === 200, { what: 'the service to be ready' });
});
afterAll(async () => {
  await service?.stop();
  await nats?.stop();
});

async function look(): Promise<{ status: number; body: ReadinessDetails }> {
  const answer = await fetch(`${service.opsUrl}/readyz`);
  return { status: answer.status, body: readinessDetails.strict().parse(await answer.json()) };
}

async function degraded(): Promise<string[]> {
  const text = await (await fetch(`${service.opsUrl}/metrics`)).text();
  return text.split('\n').filter((line) => line.startsWith('bellhop_degraded{'));
}

const outer = async (path: string) => {
  const answer = await fetch(service.url + path);
  return { status: answer.status, body: await answer.text() };
};

describe('the port that people reach', () => {
  it('S41 says yes or no, and neither what is missing nor what was counted', async () => {
    letters = 'The stream is full: raise its limits.';
    expect(await outer('/readyz')).toEqual({ status: 200, body: '{"ready":true}' });
    letters = null;
    await nats.pause();
    await waitFor(async () => (await look()).status === 503, { what: 'NATS to be missing' });
    expect(await outer('/readyz')).toEqual({ status: 503, body: '{"ready":false}' });
    expect(JSON.stringify(await look())).toContain(nats.url.split('@').at(-1)?.replace('nats://', ''));
    await nats.resume();
    await waitFor(async () => (await look()).status === 200, { what: 'the service to be ready again' });
    for (const path of ['/metrics', '/metrics/', '/Metrics', '/%6Detrics', '//metrics', '/metrics?a=b']) {
      expect([path, (await outer(path)).status]).toEqual([path, 404]);
    }
  });
});

describe('the inner port', () => {
  it('tells measurements, and has nothing that people reach', async () => {
    const metrics = await fetch(`${service.opsUrl}/metrics`);
    expect(metrics.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await metrics.text()).toContain('process_cpu_seconds_total');
    expect((await fetch(`${service.opsUrl}/healthz`)).status).toBe(200);
    for (const path of ['/things', '/ops/audit', '/']) {
      expect((await fetch(service.opsUrl + path)).status).toBe(404);
    }
    expect((await fetch(`${service.opsUrl}/metrics`, { method: 'POST' })).status).toBe(404);
  });
});

describe('a lesser part', () => {
  it('that is well is measured as 0', async () => {
    expect(await look()).toEqual({ status: 200, body: { ready: true, missing: [], degraded: [], off: OFF } });
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
      off: OFF,
    };
    expect(await look()).toEqual({ status: 200, body });
    expect(await degraded()).toEqual([
      'bellhop_degraded{what="dead_letters",service="tickets"} 1',
      'bellhop_degraded{what="archive",service="tickets"} 1',
    ]);
    letters = archive = null;
    expect(await look()).toEqual({ status: 200, body: { ready: true, missing: [], degraded: [], off: OFF } });
    expect((await degraded()).every((line) => line.endsWith(' 0'))).toBe(true);
  });
});
