import { MAX_ATTACHMENT_BYTES } from '@bellhop/contracts/http';
import {
  type Answer,
  ClientNetwork,
  type IdempotentRequest,
  Incoming,
  type IncomingFile,
  OptionalIdempotencyKey,
  OptionalSignIn,
  TakesFile,
} from '@bellhop/service';
import { Controller, Delete, HttpCode, Param, Post, UseInterceptors } from '@nestjs/common';
import type { Caller } from '../people/caller.js';
import { CurrentUploaders, MaybeCaller, RememberCaller } from '../people/remember-caller.interceptor.js';
import { notFoundBy } from './attachment-problems.js';
import { UploadsService } from './uploads.service.js';

/** Takes uploads of customers, guests and agents, and takes them back. A guest may upload before there is a ticket or an address. */
@OptionalSignIn()
@UseInterceptors(RememberCaller)
@Controller('attachments')
export class AttachmentsController {
  constructor(private readonly uploads: UploadsService) {}

  @Post()
  @TakesFile({ maxBytes: MAX_ATTACHMENT_BYTES })
  upload(
    @MaybeCaller() caller: Caller | null,
    @CurrentUploaders() [uploader]: readonly [string],
    @ClientNetwork() network: string,
    @Incoming() incoming: IncomingFile,
    @OptionalIdempotencyKey() once: IdempotentRequest | null,
  ): Promise<Answer> {
    return this.uploads.upload({ uploader, payer: payerOf(caller, network), incoming }, once);
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(
    @MaybeCaller() caller: Caller | null,
    @CurrentUploaders() uploaders: readonly string[],
    @Param('id') id: string,
  ): Promise<void> {
    await this.uploads.remove(uploaders, id).catch((error: unknown) => {
      throw notFoundBy(caller, error);
    });
  }
}

/** A guest's session is cheap to get, so their network pays. Agents have no budget. */
function payerOf(caller: Caller | null, network: string): string | null {
  if (caller?.viewer.kind !== 'user') return network;
  return caller.viewer.isAgent ? null : `user:${caller.viewer.id}`;
}
