import {
  type DeliveryDetailView,
  type DeliveryView,
  type ListDeliveriesQuery,
  listDeliveriesQuery,
  type Page,
  type ReplayRequest,
  type ReplaysRequest,
  replayRequest,
  replaysRequest,
} from '@bellhop/contracts/http';
import {
  type Answer,
  CurrentIdentity,
  type IdempotentRequest,
  type Identity,
  OptionalIdempotencyKey,
  Roles,
} from '@bellhop/service';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { DeliveriesService } from './deliveries.service.js';

/** Lists deliveries, and replays those that are stuck. */
@Controller('ops/deliveries')
@Roles('operator')
export class DeliveriesController {
  constructor(private readonly deliveries: DeliveriesService) {}

  @Get()
  list(@Query({ schema: listDeliveriesQuery }) query: ListDeliveriesQuery): Promise<Page<DeliveryView>> {
    return this.deliveries.list(query);
  }

  @Get(':id')
  read(@Param('id') id: string): Promise<DeliveryDetailView> {
    return this.deliveries.read(id);
  }

  @Post('replays')
  replayMany(
    @Body({ schema: replaysRequest }) request: ReplaysRequest,
    @CurrentIdentity() { subject }: Identity,
    @OptionalIdempotencyKey() once: IdempotentRequest | null,
  ): Promise<Answer> {
    return this.deliveries.replayMany(request, { by: subject, once });
  }

  @Post(':id/replay')
  replay(
    @Param('id') id: string,
    @Body({ schema: replayRequest }) request: ReplayRequest,
    @CurrentIdentity() { subject }: Identity,
    @OptionalIdempotencyKey() once: IdempotentRequest | null,
  ): Promise<Answer> {
    return this.deliveries.replay(id, request, { by: subject, once });
  }
}
