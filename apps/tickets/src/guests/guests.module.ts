import { Housekeeping } from '@bellhop/service';
import { Module } from '@nestjs/common';
import { AddressProvenHandler } from './address-proven.handler.js';
import { FindForGuestHandler } from './find-for-guest.handler.js';
import { purgeUnproven } from './purge-unproven.js';

@Module({ controllers: [AddressProvenHandler, FindForGuestHandler] })
export class GuestsModule {
  constructor(housekeeping: Housekeeping) {
    housekeeping.add('unproven tickets', purgeUnproven);
  }
}
