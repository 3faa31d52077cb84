import type { RpcRequest, RpcResponse } from '@bellhop/contracts';
import { EventsController, OnRpc, RpcRefusal } from '@bellhop/jetstream';
import { Payload } from '@nestjs/microservices';
import { hashOf } from '../secrets/tokens.js';
import { ChallengeOpener } from './challenge-opener.js';
import { challengeView } from './challenge-view.js';

/** Has guests prove their mailbox to other services. */
@EventsController()
export class ChallengesHandler {
  constructor(private readonly opener: ChallengeOpener) {}

  @OnRpc('openChallenge')
  async open(@Payload() request: RpcRequest<'openChallenge'>): Promise<RpcResponse<'openChallenge'>> {
    const { browser, ...rest } = request;
    const opening = await this.opener.open({ ...rest, browserHash: hashOf(browser) });
    if (opening.kind === 'over_budget') {
      const { retryAfterSeconds } = opening;
      throw new RpcRefusal('over_budget', 'Too many codes were asked for. Ask again later.', { retryAfterSeconds });
    }
    if (opening.kind === 'not_sent') throw new RpcRefusal('unavailable', 'The code could not be sent. Ask again.');
    return challengeView(opening.challenge);
  }
}
