import type { RpcRequest, RpcResponse } from '@bellhop/contracts/rpc';
import { EventsController, OnRpc, RpcRefusal } from '@bellhop/jetstream';
import { Payload } from '@nestjs/microservices';
import { BudgetsService, type Refused } from '../budgets/budgets.service.js';
import { hashOf } from '../secrets/tokens.js';
import { ChallengeOpener } from './challenge-opener.js';
import { challengeView } from './challenge-view.js';

/** Has guests prove their mailbox to other services. */
@EventsController()
export class ChallengesHandler {
  constructor(
    private readonly opener: ChallengeOpener,
    private readonly budgets: BudgetsService,
  ) {}

  @OnRpc('roomForCode')
  async room(@Payload() request: RpcRequest<'roomForCode'>): Promise<RpcResponse<'roomForCode'>> {
    const refused = await this.budgets.shortageOf(request);
    if (refused) throw overBudget(refused);
    return {};
  }

  @OnRpc('openChallenge')
  async open(@Payload() request: RpcRequest<'openChallenge'>): Promise<RpcResponse<'openChallenge'>> {
    const { browser, ...rest } = request;
    const opening = await this.opener.open({ ...rest, browserHash: hashOf(browser) });
    if (opening.kind === 'over_budget') throw overBudget(opening);
    if (opening.kind === 'not_sent') throw new RpcRefusal('unavailable', 'The code could not be sent. Ask again.');
    return challengeView(opening.challenge);
  }
}

function overBudget({ retryAfterSeconds }: Refused): RpcRefusal {
  return new RpcRefusal('over_budget', 'Too many codes were asked for. Ask again later.', { retryAfterSeconds });
}
