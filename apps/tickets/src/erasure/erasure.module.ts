import { type ErasureKeys, erasureProviders } from '@bellhop/service';
import { type DynamicModule, Module } from '@nestjs/common';
import { ErasuresHandler } from './erasures.handler.js';
import { TicketPersonEraser } from './ticket-person-eraser.js';

@Module({ controllers: [ErasuresHandler] })
class ErasureModule {}

export function erasureModule(keys: ErasureKeys): DynamicModule {
  return { module: ErasureModule, providers: erasureProviders(keys, TicketPersonEraser) };
}
