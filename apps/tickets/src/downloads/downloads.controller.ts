import { Readable } from 'node:stream';
import { OptionalSignIn } from '@bellhop/service';
import { Controller, Get, Param, Req, Res, UseInterceptors } from '@nestjs/common';
import { notFoundBy } from '../attachments/attachment-problems.js';
import type { Caller } from '../people/caller.js';
import { CurrentUploaders, MaybeCaller, RememberCaller } from '../people/remember-caller.interceptor.js';
import { DownloadsService } from './downloads.service.js';

/** Serves files. A guest may read their own upload before there is a ticket or an address. */
@OptionalSignIn()
@UseInterceptors(RememberCaller)
@Controller('attachments')
export class DownloadsController {
  constructor(private readonly downloads: DownloadsService) {}

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
      throw notFoundBy(caller, error);
    });
    reply.headers(headers);
    if (method !== 'HEAD') return file.stream();
    await file.close();
    return Readable.from([]);
  }
}
