import { RPC_TIMEOUT_MS, type RpcName, type RpcRequest, type RpcResponse, rpcs } from '@bellhop/contracts/rpc';
import { errors, type NatsConnection } from '@nats-io/nats-core';
import { describeError } from '../errors.js';
import type { NatsLink } from '../nats-link.js';
import { RpcError } from './rpc-errors.js';
import { readError } from './rpc-wire.js';

/** Sends requests to other services. Never retries: only the caller knows what a request without a reply means. */
export class RpcClient {
  constructor(
    private readonly link: NatsLink,
    private readonly timeoutMs: number = RPC_TIMEOUT_MS,
  ) {}

  /**
   * @param timeoutMs how long to wait for the reply. Shorter than usual while handling a request, whose caller waits as well
   * @throws RpcError when there is no reply, or a refusal
   * @throws ZodError when the request breaks the contract; nothing was sent then
   */
  async request<N extends RpcName>(
    name: N,
    request: RpcRequest<N>,
    { timeoutMs = this.timeoutMs }: { timeoutMs?: number } = {},
  ): Promise<RpcResponse<N>> {
    const { subject, request: requestSchema, response } = rpcs[name];
    const body = JSON.stringify(requestSchema.parse(request));
    const { connection } = this.link;
    if (!connection) throw new RpcError('disconnected', subject, this.link.problem() ?? 'there is no connection');
    const reply = await this.send(connection, subject, body, timeoutMs);
    const error = readError(reply);
    if (error) throw new RpcError('refused', subject, error.detail, error);
    try {
      return response.parse(reply.json()) as RpcResponse<N>;
    } catch (cause) {
      const code = 'bad_reply';
      throw new RpcError('refused', subject, 'the reply breaks the contract', { code, cause });
    }
  }

  private async send(connection: NatsConnection, subject: string, body: string, timeout: number) {
    try {
      return await connection.request(subject, body, { timeout });
    } catch (error) {
      if (error instanceof errors.RequestError && error.isNoResponders())
        throw new RpcError('no_responders', subject, 'no replica of that service is running', { cause: error });
      // The connection may have been lost with the request in transit, so every other error leaves the result unknown.
      throw new RpcError('timeout', subject, describeError(error), { cause: error });
    }
  }
}
