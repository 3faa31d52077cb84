import { Metrics } from '@bellhop/http';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { CallHandler, ExecutionContext } from '@nestjs/common';
import { Module, type OnModuleInit } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { of } from 'rxjs';
import { RememberCaller } from '../src/people/remember-caller.interceptor.js';
import { UnreadablePreferences } from '../src/people/unreadable-preferences.js';
import { type RunningTickets, runningTickets } from './running-tickets.js';

let metrics: Metrics;
let unreadable: UnreadablePreferences;

@Module({})
class Witness implements OnModuleInit {
  constructor(
    private readonly app: ModuleRef,
    registry: Metrics,
  ) {
    metrics = registry;
  }

  onModuleInit(): void {
    unreadable = this.app.get(UnreadablePreferences, { strict: false });
  }
}

let tickets: RunningTickets;
beforeAll(async () => {
  tickets = await runningTickets({ modules: [Witness] });
});
afterAll(() => tickets.stop());

const values = async () => {
  const found = await metrics.getSingleMetric('bellhop_unreadable_preferences_total')?.get();
  return (found?.values ?? []).map(({ labels, value }) => [labels.source, labels.field, value]);
};
beforeEach(() => metrics.getSingleMetric('bellhop_unreadable_preferences_total')?.reset());

it.each([
  ['nonsense!', [['filing', 'locale', 1]]],
  ['', [['filing', 'locale', 1]]],
  [7, [['filing', 'locale', 1]]],
  [{ language: 'pl' }, [['filing', 'locale', 1]]],
  ['pl_PL.UTF-8', []],
  [null, []],
  [undefined, []],
])('a filing in the language %j counts as %j, and is taken', async (locale, counted) => {
  const guest = { email: 'jana@example.com', locale };
  const { status } = await tickets.nobody.post('/tickets', { category: 'other', subject: 'S', body: 'B', guest });
  expect(status).toBe(201);
  expect(await values()).toEqual(counted);
});

it.each([
  [
    { locale: 'nonsense!', timezone: 'Middle-earth/Shire' },
    [
      ['access_token', 'locale', 1],
      ['access_token', 'timezone', 1],
    ],
  ],
  [{ locale: 7, timezone: 'Europe/Warsaw' }, [['access_token', 'locale', 1]]],
  [{ locale: 'pl', timezone: ['Europe/Warsaw'] }, [['access_token', 'timezone', 1]]],
  [{ locale: 'pl_PL', timezone: 'Central European Standard Time' }, []],
  [{}, []],
])('an access token that says %j counts as %j', async (claims, counted) => {
  const request = { identity: { subject: 'ada', roles: [], ...claims } };
  const context = { switchToHttp: () => ({ getRequest: () => request }) } as unknown as ExecutionContext;
  const rememberCaller = new RememberCaller(tickets.database.dataSource, unreadable);
  await rememberCaller.intercept(context, { handle: () => of(null) } as CallHandler);
  expect(await values()).toEqual(counted);
});
