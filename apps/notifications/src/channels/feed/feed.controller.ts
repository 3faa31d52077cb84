import {
  type FeedSeenRequest,
  type FeedState,
  feedSeenRequest,
  type ListFeedResponse,
  pageQuery,
} from '@bellhop/contracts/http';
import { CurrentIdentity, type Identity, SignedIn } from '@bellhop/service';
import { Body, Controller, Get, HttpCode, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { FeedService } from './feed.service.js';
import { FeedHints } from './feed-hints.js';

/** The caller's own feed, whoever that is: a customer or an agent. */
@Controller('notifications/feed')
@SignedIn()
export class FeedController {
  constructor(
    private readonly feed: FeedService,
    private readonly hints: FeedHints,
  ) {}

  @Get()
  list(
    @CurrentIdentity() { subject }: Identity,
    @Query({ schema: pageQuery }) query: z.output<typeof pageQuery>,
  ): Promise<ListFeedResponse> {
    return this.feed.list(subject, query);
  }

  @Post('seen')
  @HttpCode(200)
  markSeen(
    @CurrentIdentity() { subject }: Identity,
    @Body({ schema: feedSeenRequest }) seen: FeedSeenRequest,
  ): Promise<FeedState> {
    return this.feed.markSeen(subject, seen);
  }

  /** Ends with the access token: the page connects again with a new one. */
  @Get('stream')
  stream(@CurrentIdentity() { subject, expiresAt }: Identity, @Res() reply: FastifyReply): void {
    this.hints.open(subject, reply, expiresAt?.getTime() ?? 0);
  }
}
