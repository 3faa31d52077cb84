import { Metrics } from '@bellhop/http';
import { adaptiveCache, Database } from '@bellhop/service';
import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { IS_DUE, IS_HELD } from './delivery-states.js';

/** Metrics of deliveries: how many reached each state, and how many wait. */
@Injectable()
export class DispatchMetrics {
  private readonly transitions: Counter<'state' | 'template' | 'channel'>;

  constructor(metrics: Metrics, database: Database) {
    this.transitions = new Counter({
      name: 'bellhop_deliveries_total',
      help: 'Deliveries by the state an attempt led to; `unknown` counts attempts without an answer, `held` those that the ceiling for one mailbox put off.',
      labelNames: ['state', 'template', 'channel'],
      registers: [metrics],
    });
    const waiting = adaptiveCache(() => countWaiting(database));
    new Gauge({
      name: 'bellhop_deliveries_waiting',
      help: 'Deliveries that are not settled, by state; `held` are those that the ceiling for one mailbox put off.',
      labelNames: ['state', 'channel'],
      registers: [metrics],
      async collect() {
        this.reset();
        if (!(await database.isHealthy())) return;
        for (const { channel, state, count } of await waiting().catch(() => [])) this.set({ state, channel }, count);
      },
    });
  }

  count(state: string, { channel, template }: { channel: string; template: string }): void {
    this.transitions.inc({ state, template, channel });
  }
}

/** A second for a million rows. Two counts, each over one partial index: a single one would read every settled row. */
function countWaiting({ background }: Database): Promise<{ state: string; channel: string; count: number }[]> {
  return background.query(
    `select case when state = 'retrying' and reason = 'ceiling' then 'held' else state end as state, channel, count(*)::int as count
     from deliveries where ${IS_DUE} group by 1, 2
     union all
     select state, channel, count(*)::int from deliveries where ${IS_HELD} group by 1, 2`,
  );
}
