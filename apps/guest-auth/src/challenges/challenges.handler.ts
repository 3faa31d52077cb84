import type { RpcRequest, RpcResponse } from '@bellhop/contracts/rpc';
import { EventsController, OnRpc, RpcRefusal } from '@bellhop/jetstream';
import { Payload } from '@nestjs/microservices';
import { BudgetsService, type Refused } from '../budgets/budgets.service.js';
import { hashOf } from '../secrets/tokens.js';
import { challengeView } from './challenge.js';
import { ChallengeOpener } from './challenge-opener.js';

/** Lets other services have a guest prove their mailbox. */
@EventsController()
export class ChallengesHandler {
  constructor(
    private readonly opener: ChallengeOpener,
    private readonly budgets: BudgetsService,
  ) {}

  @OnRpc('roomForCode')
  async checkBudget(@Payload() request: RpcRequest<'roomForCode'>): Promise<RpcResponse<'roomForCode'>> {
    const refused = await this.budgets.check(request);
    if (refused) throw overBudget(refused);
    return {};
  }

  @OnRpc('openChallenge')
  async open(@Payload() request: RpcRequest<'openChallenge'>): Promise<RpcResponse<'openChallenge'>> {
    const { browser, ...rest } = request;
    const result = await this.opener.open({ ...rest, browserHash: hashOf(browser) });
    if (result.kind === 'over_budget') throw overBudget(result);
    if (result.kind === 'not_sent') throw new RpcRefusal('unavailable', 'The code could not be sent. Try again.');
    return challengeView(result.challenge);
  }
}

function overBudget({ retryAfterSeconds }: Refused): RpcRefusal {
  return new RpcRefusal('over_budget', 'Too many codes were requested. Try again later.', { retryAfterSeconds });
}
