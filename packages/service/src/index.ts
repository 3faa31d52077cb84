export { Housekeeping, type Purge } from './boot/housekeeping.js';
export { runService } from './boot/run-service.js';
export type { RunningService, ServiceDefinition } from './boot/service-definition.js';
export { identityConfig, type ServiceConfig, serviceConfig } from './config/service-config.js';
export { Database } from './database/database.js';
export { CreateErasures } from './erasure/create-erasures.js';
export { ErasedPeople } from './erasure/erased-people.js';
export { ErasureKeys, erasureKeysField } from './erasure/erasure-keys.js';
export { erasureProviders } from './erasure/erasure-providers.js';
export { ErasureRegister } from './erasure/erasure-register.js';
export { insertErasures, type RequestedErasure } from './erasure/insert-erasures.js';
export { type ErasedPerson, PersonEraser } from './erasure/person-eraser.js';
export { IgnoresBody, LargeBody, RawBody, TakesFile } from './http/body.decorators.js';
export { Browser, hashOfBrowser } from './http/browser.decorator.js';
export { ClientNetwork, clientNetworkOf } from './http/client-network.js';
export { NETWORK_FACTORS, type NetworkLength, type NetworksAround, networksAround } from './http/networks-around.js';
export { fileTooLarge } from './http/upload-problems.js';
export { CreateIdempotencyKeys } from './idempotency/create-idempotency-keys.js';
export { OptionalIdempotencyKey, RequiredIdempotencyKey } from './idempotency/idempotency.decorators.js';
export { Answer, answeredBefore, forgetAnswer, type IdempotentRequest, idempotent } from './idempotency/idempotent.js';
export {
  CurrentIdentity,
  isForRoles,
  OptionalSignIn,
  Public,
  type RequestWithIdentity,
  Roles,
  SignedIn,
  SignedInOrGuest,
} from './identity/access.decorators.js';
export { type GuestSession, GuestSessions } from './identity/guest-sessions.js';
export { signInRequired } from './identity/identity.guard.js';
export type { Identity } from './identity/identity.js';
export { principalOf, principalOfBrowser, principalsOf } from './identity/principal.js';
export { RpcGuestSessions } from './identity/rpc-guest-sessions.js';
export { adaptiveCache } from './metrics/adaptive-cache.js';
export { type ProvisionPlan, provisionService } from './provision/provision-service.js';
export { runProvision } from './provision/run-provision.js';
export { Incoming } from './uploads/incoming.decorator.js';
export type { FilePart, IncomingFile } from './uploads/incoming-file.js';
