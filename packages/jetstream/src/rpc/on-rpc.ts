import { type RpcName, rpcs } from '@bellhop/contracts/rpc';
import { MessagePattern } from '@nestjs/microservices';
import { JETSTREAM } from '../events-controller.js';

/**
 * Answers a question of the contract, in an `@EventsController()`. The handler gets the request as the contract's schema has
 * read it, and returns the response or throws an `RpcRefusal`.
 */
export const OnRpc = (name: RpcName): MethodDecorator => MessagePattern(rpcs[name].subject, JETSTREAM);
