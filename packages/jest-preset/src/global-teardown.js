export default async function tearDown() {
  await globalThis.bellhopTestDatabases?.stop();
}
