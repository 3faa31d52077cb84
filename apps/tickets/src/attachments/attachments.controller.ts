import { Readable } from 'node:stream';
import { MAX_ATTACHMENT_BYTES } from '@bellhop/contracts/http';
import {
  type Answer,
  ClientNetwork,
  type IdempotentRequest,
  Incoming,
  type IncomingFile,
  OptionalIdempotencyKey,
  OptionalSignIn,
  Problem,
  signInRequired,
  TakesFile,
} from '@bellhop/service';
import { Controller, Get, Param, Post, Req, Res, UseInterceptors } from '@nestjs/common';
import type { Caller } from '../people/caller.js';
import { CurrentUploaders, MaybeCaller, RememberCaller } from '../people/remember-caller.interceptor.js';
import { DownloadsService } from './downloads.service.js';
import { UploadsService } from './uploads.service.js';

const WHO = 'Send "Authorization: Bearer <access token>"; as a guest, open your link and prove the address.';

/** Files, of customers, guests and agents alike. A guest may upload before there is a ticket, or an address. */
@OptionalSignIn()
@UseInterceptors(RememberCaller)
@Controller('attachments')
export class AttachmentsController {
  constructor(
    private readonly uploads: UploadsService,
    private readonly downloads: DownloadsService,
  ) {}

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

  @Get(':id')
  async download(
    @MaybeCaller() caller: Caller | null,
    @CurrentUploaders() uploaders: readonly string[],
    @Param('id') id: string,
    @Req() { method }: { method: string },
    @Res({ passthrough: true }) reply: { headers(all: Readonly<Record<string, string>>): unknown },
  ): Promise<Readable> {
    const reader = { viewer: caller?.viewer ?? null, uploaders };
    const { headers, file } = await this.downloads.open(reader, id).catch((error: unknown) => {
      throw caller === null && isNotFound(error) ? signInRequired(WHO) : error;
    });
    reply.headers(headers);
    if (method !== 'HEAD') return file.stream();
    await file.close();
    return Readable.from([]);
  }
}

/** A session costs a guest nothing but a mailbox: their network pays. Agents work here. */
function payerOf(caller: Caller | null, network: string): string | null {
  if (caller?.viewer.kind !== 'user') return network;
  return caller.viewer.isAgent ? null : `user:${caller.viewer.id}`;
}

function isNotFound(error: unknown): boolean {
  return error instanceof Problem && error.status === 404;
}
