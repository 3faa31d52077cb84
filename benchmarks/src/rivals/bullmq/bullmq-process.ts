/** The worker of the BullMQ rival: a Nest application as https://docs.nestjs.com/techniques/queues builds one. */
import 'reflect-metadata';
import { BullModule } from '@nestjs/bullmq';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MailsModule } from '../mails/mails.module.js';
import { isReady } from '../own-process.js';
import { MailsProcessor } from './mails.processor.js';
import { QUEUE } from './queue.js';

@Module({
  imports: [
    BullModule.forRoot({ connection: { host: '127.0.0.1', port: Number(process.env.REDIS_PORT) } }),
    BullModule.registerQueue({ name: QUEUE }),
    MailsModule,
  ],
  providers: [MailsProcessor],
})
class BullmqModule {}

const app = await NestFactory.createApplicationContext(BullmqModule, { logger: ['error', 'warn'] });
await app.get(MailsProcessor).worker.waitUntilReady();
isReady();
