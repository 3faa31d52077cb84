/** What a failed connection to Postgres means to the person who reads `/readyz`. Names the host, never the password. */
export function databaseProblem(error: unknown, databaseUrl: string): string {
  const { hostname, port, pathname } = new URL(databaseUrl);
  const place = `${hostname}:${port || '5432'}`;
  const code = codeOf(error);
  switch (code) {
    case '3D000':
      return `Postgres at ${place} has no database ${pathname.slice(1)}: create it, then run \`npm run provision\`.`;
    case '28P01':
    case '28000':
      return `Postgres at ${place} refused the user or the password of DATABASE_URL: correct it and start again.`;
    case '53300':
      return `Postgres at ${place} has no connection left: raise max_connections or lower DATABASE_POOL_SIZE.`;
    case '57P03':
      return `Postgres at ${place} is starting up: it will be used as soon as it answers.`;
    case '25006':
      return `Postgres at ${place} takes no writes: it is a standby or set to read only. Point DATABASE_URL to the primary, or switch default_transaction_read_only off.`;
    case '53100':
      return `Postgres at ${place} has no space left on its disk: free some, and it is used again by itself.`;
    case '58030':
      return `Postgres at ${place} cannot write to its disk: its own log says why.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The host ${hostname} of DATABASE_URL is unknown here: correct it, or wait for its name to appear.`;
    default:
      return `Postgres at ${place} does not answer${code ? ` (${code})` : ''}: start it, or correct DATABASE_URL.`;
  }
}

function codeOf(error: unknown): string | undefined {
  const { code, errors } = (error ?? {}) as { code?: unknown; errors?: unknown };
  if (typeof code === 'string') return code;
  return Array.isArray(errors) && errors.length > 0 ? codeOf(errors[0]) : undefined;
}
