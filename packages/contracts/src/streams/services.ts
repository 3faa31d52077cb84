/** The port on which each app listens where nobody has taken it. Adding an app begins with a line here: docs/how-to/add-an-app.md. */
const PORTS = { tickets: 3001, notifications: 3002, 'guest-auth': 3003 } as const;

/** An app by its folder below `apps/`. It is also its NATS user, its durable consumers and its queue group. */
export type ServiceName = keyof typeof PORTS;

/** What differs from app to app, derived from its name and port. */
interface Service {
  readonly name: ServiceName;
  /** TCP port of its HTTP API. */
  readonly port: number;
  /** TCP port of `/metrics` and of the details of `/readyz`. */
  readonly opsPort: number;
  /** Its Postgres database and the role that owns it, also the first word of its RPC subjects: `guest_auth`. */
  readonly database: string;
  /** Its name in environment variables: `NATS_PASSWORD_GUEST_AUTH`. */
  readonly variable: string;
}

/** Every app that has a database and a user on NATS. All that needs a list of apps reads this one, or is checked against it. */
export const services = Object.fromEntries(
  Object.entries(PORTS).map(([name, port]) => [name, describe(name as ServiceName, port)]),
) as Readonly<Record<ServiceName, Service>>;

export const SERVICES = Object.keys(PORTS) as readonly ServiceName[];

/** The app of the pages, and the way from browsers to the services. It has neither a database nor a user on NATS. */
export const PORTAL = { name: 'portal', port: 3000, opsPort: 3100 } as const;

/** What can be started: a service, or the portal. */
export type AppName = ServiceName | typeof PORTAL.name;

function describe(name: ServiceName, port: number): Service {
  const database = name.replaceAll('-', '_');
  return { name, port, opsPort: port + 100, database, variable: database.toUpperCase() };
}
