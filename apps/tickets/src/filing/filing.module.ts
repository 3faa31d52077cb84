import { type DynamicModule, Module } from '@nestjs/common';
import { FilingController } from './filing.controller.js';
import { FilingService } from './filing.service.js';
import { FilingLimits } from './filing-limits.js';
import { FilingRoom } from './filing-room.js';
import { GuestFilingService } from './guest-filing.service.js';

@Module({ controllers: [FilingController], providers: [FilingService, FilingRoom, GuestFilingService] })
class FilingModule {}

export function filingModule(maxUnproven: number): DynamicModule {
  return { module: FilingModule, providers: [{ provide: FilingLimits, useValue: new FilingLimits(maxUnproven) }] };
}
