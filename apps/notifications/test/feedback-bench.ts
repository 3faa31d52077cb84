import { randomUUID } from 'node:crypto';
import { Metrics } from '@bellhop/http';
import { waitFor } from '@bellhop/local-stack';
import type { SpecDatabase } from '@bellhop/postgres/testing';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { readReport } from '../src/channels/email/resend/report.js';
import { DispatchMetrics } from '../src/dispatch/dispatch-metrics.js';
import { FeedbackService } from '../src/feedback/feedback.service.js';
import { migratedDatabase } from './database.js';
import { emailOver, insertDelivery, outboxEvents, readyDatabase } from './delivery-rows.js';
import { secondsNow } from './webhooks.js';

/** The data of a report about one mail: the id that {@link FeedbackBench.receive} gives it, and its tag. */
export const tagged = (id: string, more: object = {}) => ({
  email_id: `mail-of-${id}`,
  tags: { delivery: id },
  ...more,
});
export const permanent = { bounce: { type: 'Permanent', message: 'No such user' } };

/** A database for a spec, emptied after each of its tests, and a service that records reports in it. */
export class FeedbackBench {
  metrics!: Metrics;
  service!: FeedbackService;
  private database!: SpecDatabase;
  private webhooks = 0;

  constructor() {
    beforeAll(async () => {
      Logger.overrideLogger(false);
      this.database = await migratedDatabase();
    });
    afterAll(() => this.database?.stop());
    beforeEach(() => {
      this.metrics = new Metrics('notifications');
      this.service = this.serviceOver(this.metrics);
    });
    afterEach(() => this.query('truncate deliveries, told, frozen_requests, suppressions, outbox, webhook_receipts'));
  }

  get dataSource(): DataSource {
    return this.database.dataSource;
  }

  /** A service as in another process. */
  serviceOver(metrics = new Metrics('notifications')): FeedbackService {
    const database = readyDatabase(this.dataSource);
    return new FeedbackService(database, new DispatchMetrics(metrics, database), [emailOver()]);
  }

  receive(type: string, data: object, { id = `msg_${++this.webhooks}`, timestamp = secondsNow() } = {}) {
    return this.service.receive({ stamp: { id, timestamp }, report: readReport({ type, data }) });
  }

  query(sql: string, parameters: unknown[] = []) {
    return this.dataSource.query(sql, parameters);
  }

  insert(columns: Record<string, unknown> = {}): Promise<string> {
    return insertDelivery(this.dataSource, { recipient_key: `key-${randomUUID()}`, ...columns });
  }

  async rowOf(id: string) {
    const [row] = await this.query(
      `select state, reason, provider_ref, feedback, feedback_at is not null as "hasTime", leased_by, lease_until,
         settled_at is not null as "isSettled" from deliveries where id = $1`,
      [id],
    );
    return row;
  }

  async events() {
    return (await outboxEvents(this.dataSource)).map(({ type, data }) => [type, data.deliveryId, data.reason]);
  }

  async untilWaiting(count: number): Promise<void> {
    await waitFor(
      async () => {
        const waiting: unknown[] = await this.query(
          `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return waiting.length >= count;
      },
      { what: `${count} transactions to wait for a row` },
    );
  }
}
