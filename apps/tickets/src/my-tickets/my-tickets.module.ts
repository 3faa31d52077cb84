import { Module } from '@nestjs/common';
import { MyTicketsController } from './my-tickets.controller.js';
import { MyTicketsService } from './my-tickets.service.js';

@Module({ controllers: [MyTicketsController], providers: [MyTicketsService] })
export class MyTicketsModule {}
