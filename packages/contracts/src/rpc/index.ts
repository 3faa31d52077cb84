/** Request and reply between services, over core NATS. */
export {
  browserToken,
  challengePurpose,
  type ErasedCounts,
  linkToken,
  RPC_TIMEOUT_MS,
  type RpcName,
  type RpcRequest,
  type RpcResponse,
  rpcs,
} from './rpcs.js';
