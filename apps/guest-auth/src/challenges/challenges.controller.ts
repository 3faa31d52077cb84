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
import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { z } from 'zod';
import { hashOf } from '../secrets/tokens.js';
import { GuestSession, type SessionCookie } from '../sessions/session-cookie.js';
import { challengeView } from './challenge.js';
import {
  challengeGone,
  codeNotSent,
  keyReused,
  linkUnknown,
  overBudget,
  tooManyTries,
  wrongCode,
} from './challenge-problems.js';
import { LinkOpener, type LinkOpenResult } from './link-opener.js';
import { type Verification, Verifier } from './verifier.js';

/** The link may be of any type: one that is malformed gets the same answer as one that was never issued. */
const anyLink = openChallengeRequest.extend({
  link: z.custom((link) => link !== undefined, 'is missing (the part of the link after "/t/", unchanged)'),
});

/**
 * Requests of a guest's browser. There is no GET on purpose: programs that follow links by themselves (mail scanners, previews) send no POST.
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
    @GuestSession() { tokenHash: sessionHash }: SessionCookie,
    @OptionalIdempotencyKey() once: IdempotentRequest | null,
  ): Promise<Answer> {
    const request = { link, network, sessionHash, browserHash: hashOf(browser), requestKeyHash: keyHashOf(once) };
    return answerOf(await this.opener.open(request));
  }

  @Post(':id/verification')
  @HttpCode(200)
  async verify(
    @Param('id') id: string,
    @Body({ schema: verificationRequest }) { code }: VerificationRequest,
    @Browser() browser: string,
    @ClientNetwork() network: string,
    @GuestSession() cookie: SessionCookie,
    @OptionalIdempotencyKey() once: IdempotentRequest | null,
  ): Promise<VerificationResponse> {
    const challengeId = z.uuid().safeParse(id).data;
    if (challengeId === undefined) throw challengeGone();
    const verification = await this.verifier.verify({
      ...{ challengeId, code, network, sessionHash: cookie.tokenHash },
      ...{ browserHash: hashOf(browser), requestKeyHash: keyHashOf(once) },
    });
    return responseOf(verification, cookie);
  }
}

function answerOf(result: LinkOpenResult): Answer {
  switch (result.kind) {
    case 'opened':
      return new Answer(202, challengeView(result.challenge));
    case 'already_open':
      return new Answer(200, { ticketId: result.ticketId } satisfies VerificationResponse);
    case 'over_budget':
      throw overBudget(result.retryAfterSeconds);
    case 'link_unknown':
      throw linkUnknown();
    case 'key_reused':
      throw keyReused();
    case 'ticket_unknown':
    case 'not_sent':
      throw codeNotSent();
  }
}

function responseOf(verification: Verification, cookie: SessionCookie): VerificationResponse {
  switch (verification.kind) {
    case 'right':
      cookie.set(verification.token);
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
