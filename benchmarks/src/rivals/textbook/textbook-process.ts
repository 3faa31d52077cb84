/** The worker of the textbook rival: a Nest microservice as https://docs.nestjs.com/microservices/nats builds one. */
import 'reflect-metadata';
import type { NatsConnection } from '@nats-io/transport-node';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type MicroserviceOptions, Transport } from '@nestjs/microservices';
import { MailsModule } from '../mails/mails.module.js';
import { isReady } from '../own-process.js';
import { TicketEventsController } from './ticket-events.controller.js';

@Module({ imports: [MailsModule], controllers: [TicketEventsController] })
class TextbookModule {}

const app = await NestFactory.createMicroservice<MicroserviceOptions>(TextbookModule, {
  transport: Transport.NATS,
  options: { servers: [process.env.NATS_URL ?? ''], queue: 'mails' },
  logger: ['error', 'warn'],
});
await app.listen();
// Only now the subscriptions have reached the server.
await app.unwrap<NatsConnection>().flush();
isReady();
