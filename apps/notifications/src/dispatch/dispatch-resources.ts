import { RpcClient } from '@bellhop/jetstream';
import { Database } from '@bellhop/service';
import { Injectable } from '@nestjs/common';
import { Settings } from '../config.js';
import { DispatchMetrics } from './dispatch-metrics.js';
import { OutcomeRecorder } from './outcomes/outcome-recorder.js';
import { Preparation } from './preparation/preparation.js';

/** What the dispatchers of all channels share. */
@Injectable()
export class DispatchResources {
  constructor(
    readonly database: Database,
    readonly preparation: Preparation,
    readonly recorder: OutcomeRecorder,
    readonly metrics: DispatchMetrics,
    readonly rpc: RpcClient,
    readonly settings: Settings,
  ) {}
}
