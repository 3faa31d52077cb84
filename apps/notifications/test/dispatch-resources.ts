import { Metrics } from '@bellhop/http';
import type { RpcClient } from '@bellhop/jetstream';
import type { DataSource } from 'typeorm';
import type { Settings } from '../src/config.js';
import { DispatchMetrics } from '../src/dispatch/dispatch-metrics.js';
import { DispatchResources } from '../src/dispatch/dispatch-resources.js';
import { OutcomeRecorder } from '../src/dispatch/outcomes/outcome-recorder.js';
import { Composer } from '../src/dispatch/preparation/composer.js';
import { FormerRequests } from '../src/dispatch/preparation/former-requests.js';
import { OneTimeCodes } from '../src/dispatch/preparation/one-time-codes.js';
import { Preparation } from '../src/dispatch/preparation/preparation.js';
import { TeamDigests } from '../src/dispatch/preparation/team-digests.js';
import { nobodyErased, readyDatabase } from './delivery-rows.js';

/** What dispatchers share, on the spec's database, composed as in the app. */
export function dispatchResources(dataSource: DataSource, settings: Settings, rpc: RpcClient) {
  const database = readyDatabase(dataSource);
  const metrics = new Metrics('notifications');
  const dispatchMetrics = new DispatchMetrics(metrics, database);
  const preparation = new Preparation(
    new Composer(settings),
    new FormerRequests(settings),
    new OneTimeCodes(settings),
    new TeamDigests(dispatchMetrics),
    settings,
    nobodyErased(),
  );
  const recorder = new OutcomeRecorder(database, dispatchMetrics, settings);
  return {
    metrics,
    resources: new DispatchResources(database, preparation, recorder, dispatchMetrics, rpc, settings),
  };
}
