import {
  openChallengeRequest,
  type VerificationRequest,
  type VerificationResponse,
  verificationRequest,
} from '@bellhop/contracts/http';
import {
  Answer,
  Browser,
  ClientNetwork,
  type IdempotentRequest,
  OptionalIdempotencyKey,
  Public,
} from '@bellhop/service';
import { Body, Controller, HttpCode, Param, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { hashOf } from '../secrets/tokens.js';
import { SessionToken, setSessionCookie } from '../sessions/session-cookie.js';
import {
  challengeGone,
  codeNotSent,
  keyReused,
  linkUnknown,
  overBudget,
  tooManyTries,
  wrongCode,
} from './challenge-problems.js';
import { challengeView } from './challenge-view.js';
import { LinkOpener, type Reception } from './link-opener.js';
import { type Verification, Verifier } from './verifier.js';

/** The link may be anything that is there: what is none is as unknown as one that we never issued. */
const anyLink = openChallengeRequest.extend({
  link: z.custom((link) => link !== undefined, 'is missing (the part of the link after "/t/", unchanged)'),
});

/**
 * What a guest's browser sends. There is no GET on purpose: whatever follows links by itself (scanners of mails, previews) sends
 * none of these.
 */
@Public()
@Controller('guest/challenges')
export class ChallengesController {
  constructor(
    private readonly opener: LinkOpener,
    private readonly verifier: Verifier,
  ) {}

  @Post()
  async open(
    @Body({ schema: anyLink }) { link }: z.output<typeof anyLink>,
    @Browser() browser: string,
    @ClientNetwork() network: string,
    @SessionToken() session: Buffer | null,
    @OptionalIdempotencyKey() once: IdempotentRequest | null,
  ): Promise<Answer> {
    const visit = { link, network, session, browserHash: hashOf(browser), askedWith: keyHashOf(once) };
    return received(await this.opener.receive(visit));
  }

  @Post(':id/verification')
  @HttpCode(200)
  async verify(
    @Param('id') id: string,
    @Body({ schema: verificationRequest }) { code }: VerificationRequest,
    @Browser() browser: string,
    @ClientNetwork() network: string,
    @SessionToken() session: Buffer | null,
    @OptionalIdempotencyKey() once: IdempotentRequest | null,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<VerificationResponse> {
    const challengeId = z.uuid().safeParse(id).data;
    if (challengeId === undefined) throw challengeGone();
    const attempt = { challengeId, code, network, session, browserHash: hashOf(browser), spentWith: keyHashOf(once) };
    return verified(await this.verifier.verify(attempt), reply);
  }
}

function received(reception: Reception): Answer {
  switch (reception.kind) {
    case 'opened':
      return new Answer(202, challengeView(reception.challenge));
    case 'stands_open':
      return new Answer(200, { ticketId: reception.ticketId } satisfies VerificationResponse);
    case 'over_budget':
      throw overBudget(reception.retryAfterSeconds);
    case 'link_unknown':
      throw linkUnknown();
    case 'key_reused':
      throw keyReused();
    case 'ticket_unknown':
    case 'not_sent':
      throw codeNotSent();
  }
}

function verified(verification: Verification, reply: FastifyReply): VerificationResponse {
  switch (verification.kind) {
    case 'right':
      setSessionCookie(reply, verification.token);
      return { ticketId: verification.ticketId };
    case 'wrong':
      throw wrongCode(verification.triesLeft);
    case 'gone':
      throw challengeGone();
    case 'too_many':
      throw tooManyTries(verification.retryAfterSeconds);
  }
}

function keyHashOf(once: IdempotentRequest | null): Buffer | null {
  return once && hashOf(once.key);
}
