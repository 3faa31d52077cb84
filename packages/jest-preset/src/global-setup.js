import { serveTestDatabases } from '@bellhop/local-stack';

/** One Postgres for the whole run, started by the first spec that asks for a database (`testDatabase()`). */
export default async function setUp() {
  globalThis.bellhopTestDatabases = await serveTestDatabases();
}
