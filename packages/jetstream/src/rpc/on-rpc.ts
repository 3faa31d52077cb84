import { type RpcName, rpcs } from '@bellhop/contracts/rpc';
import { MessagePattern } from '@nestjs/microservices';
import { JETSTREAM } from '../events-controller.js';

/**
 * Handles an rpc of the contract, in an `@EventsController()`. The handler gets the request as parsed by the contract's schema,
 * and returns the response or throws an `RpcRefusal`.
 */
export const OnRpc = (name: RpcName): MethodDecorator => MessagePattern(rpcs[name].subject, JETSTREAM);
