import { clientNetworkOf } from '@bellhop/service';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { CheckBudget } from './check-budget.js';

/** Asks for the budget before the body is read. */
@Injectable()
export class CheckBudgetGuard implements CanActivate {
  constructor(private readonly budget: CheckBudget) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    await this.budget.spend(clientNetworkOf(context.switchToHttp().getRequest<FastifyRequest>()));
    return true;
  }
}
