import { RPC_TIMEOUT_MS, type RpcName, type RpcRequest, type RpcResponse, rpcs } from '@bellhop/contracts/rpc';
import { errors, type NatsConnection } from '@nats-io/nats-core';
import { describeError } from '../errors.js';
import type { NatsLink } from '../nats-link.js';
import { RpcError } from './rpc-errors.js';
import { readError } from './rpc-wire.js';

/** Asks other services. Nothing is asked twice: what an unanswered question means is for the caller to say. */
export class RpcClient {
  constructor(
    private readonly link: NatsLink,
    private readonly timeoutMs: number = RPC_TIMEOUT_MS,
  ) {}

  /**
   * @param timeoutMs how long to wait. To be less than usual in the middle of answering a question: who asked that one waits as long
   * @throws RpcError when there is no answer, or a no
   * @throws ZodError when the request is none: nothing was sent then
   */
  async ask<N extends RpcName>(
    name: N,
    request: RpcRequest<N>,
    { timeoutMs = this.timeoutMs }: { timeoutMs?: number } = {},
  ): Promise<RpcResponse<N>> {
    const { subject, request: asked, response } = rpcs[name];
    const body = JSON.stringify(asked.parse(request));
    const { connection } = this.link;
    if (!connection) throw new RpcError('disconnected', subject, this.link.problem() ?? 'there is no connection');
    const answer = await this.send(connection, subject, body, timeoutMs);
    const error = readError(answer);
    if (error) throw new RpcError('refused', subject, error.detail, error);
    try {
      return response.parse(answer.json()) as RpcResponse<N>;
    } catch (cause) {
      const code = 'bad_answer';
      throw new RpcError('refused', subject, 'the answer is not what the contract says', { code, cause });
    }
  }

  private async send(connection: NatsConnection, subject: string, body: string, timeout: number) {
    try {
      return await connection.request(subject, body, { timeout });
    } catch (error) {
      if (error instanceof errors.RequestError && error.isNoResponders())
        throw new RpcError('no_responders', subject, 'no replica of that service is running', { cause: error });
      // The connection may have been lost with the question on its way, so whatever else it is, nobody knows.
      throw new RpcError('timeout', subject, describeError(error), { cause: error });
    }
  }
}
