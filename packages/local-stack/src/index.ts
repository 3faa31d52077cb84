export * from './local-stack.errors.js';
export { freePort } from './ports.js';
export { type AppName, type AppOptions, type RunningApp, startApp } from './servers/app.js';
export { type Mailbox, type MailboxOptions, type MaildevMail, startMailbox } from './servers/mailbox.js';
export { type NatsOptions, type NatsServer, startNats } from './servers/nats.js';
export type { NatsUser } from './servers/nats-accounts.js';
export {
  type ClusterServer,
  type NatsCluster,
  type NatsClusterOptions,
  startNatsCluster,
} from './servers/nats-cluster.js';
export { type OidcOptions, type OidcProvider, startOidc } from './servers/oidc.js';
export { type PostgresOptions, type PostgresServer, startPostgres } from './servers/postgres.js';
export { serveTestDatabases, type TestDatabase, testDatabase } from './test-database.js';
export { waitFor } from './wait-for.js';
