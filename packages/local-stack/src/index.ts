export { Browser } from './browser.js';
export { Cleanups } from './cleanups.js';
export * from './local-stack.errors.js';
export { freePort } from './ports.js';
export type { PushFault, PushFaultAnswer, PushFaultPoint, PushFaultRule } from './push/faults.js';
export type { PushSettings } from './push/inbox.js';
export { PushService, type PushServiceOptions, type PushSubscriptionKeys } from './push/push-service.js';
export type { ReceivedPush } from './push/received-pushes.js';
export type { PushHeaders } from './push/request-rules.js';
export { createVapidKeys, type VapidKeys } from './push/vapid-keys.js';
export { type ChaosOptions, seededRandom } from './resend/chaos.js';
export type { AcceptedEmail, EmailEvent, EmailEventType, EmailFate } from './resend/email-events.js';
export type { FaultAnswer, FaultPoint, FaultRule } from './resend/faults.js';
export type { SeenRequest } from './resend/resend-http.js';
export type { ResendControl, ResendOptions, ResendServer, ResendSettings } from './resend/resend-options.js';
export { startResend } from './resend/resend-server.js';
export { signedHeaders } from './resend/webhook-signature.js';
export type { WebhookByHand, WebhookMessage, WebhookOptions } from './resend/webhooks.js';
export { rowsRead } from './rows-read.js';
export {
  type AppOptions,
  appScript,
  provisionApp,
  type RunningApp,
  startApp,
  untilReady,
} from './servers/app.js';
export { type Mailbox, type MailboxOptions, type MaildevMail, startMailbox } from './servers/mailbox.js';
export { type NatsOptions, type NatsServer, startNats } from './servers/nats.js';
export { type NatsUser, withErp } from './servers/nats-accounts.js';
export {
  type ClusterServer,
  type NatsCluster,
  type NatsClusterOptions,
  startNatsCluster,
} from './servers/nats-cluster.js';
export { type OidcOptions, type OidcProvider, startOidc } from './servers/oidc.js';
export { type PostgresOptions, type PostgresServer, startPostgres } from './servers/postgres.js';
export { type Certificate, selfSigned } from './servers/self-signed.js';
export { headerOf, headersOf, type SinkMail, type SinkRule, SmtpSink } from './servers/smtp-sink.js';
export { restoreStream, type Snapshot, snapshotStream } from './servers/stream-files.js';
export { type Direction, startTcpProxy, type TcpProxy } from './servers/tcp-proxy.js';
export { type Identity, type Issuer, startIssuer } from './servers/token-issuer.js';
export { serveTestDatabases, type TestDatabase, testDatabase } from './test-database.js';
export { type Addresses, startUp } from './up/run-up.js';
export { waitFor } from './wait-for.js';
export { wideReads } from './wide-reads.js';
