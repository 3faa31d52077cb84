import { OnWorkerEvent, Processor, WorkerHost } from '@nestjs/bullmq';
import { Logger } from '@nestjs/common';
import type { Job } from 'bullmq';
import { MailsService } from '../mails/mails.service.js';
import type { RivalEvent } from '../rival.js';
import { QUEUE } from './queue.js';

/** "Something between 100 and 300" for jobs that wait for others: https://docs.bullmq.io/guide/parallelism-and-concurrency */
const CONCURRENCY = 100;

@Processor(QUEUE, { concurrency: CONCURRENCY })
export class MailsProcessor extends WorkerHost {
  private readonly logger = new Logger(MailsProcessor.name);

  constructor(private readonly mails: MailsService) {
    super();
  }

  async process({ data }: Job<RivalEvent>): Promise<void> {
    await this.mails.tellRequester(data);
  }

  @OnWorkerEvent('failed')
  onFailed(_job: Job | undefined, error: Error): void {
    this.logger.error(error);
  }

  @OnWorkerEvent('error')
  onError(error: Error): void {
    this.logger.error(error);
  }
}
