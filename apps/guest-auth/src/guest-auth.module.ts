import { type DynamicModule, Module } from '@nestjs/common';
import type { GuestAuthConfig } from './guest-auth-config.js';
import { TicketsHandler } from './tickets/tickets.handler.js';

@Module({})
export class GuestAuthModule {
  static configured(_config: GuestAuthConfig): DynamicModule {
    return { module: GuestAuthModule, controllers: [TicketsHandler], providers: [] };
  }
}
