/** The OpenID provider as a process of its own: `node oidc-process.js <port> <audience> <data folder> [seconds of an access token]`. */
import { keptKeys } from './keys.js';
import { createOidcServer } from './oidc-server.js';

const [port = '', audience = '', dataDir = '', seconds] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const server = createOidcServer({
  issuer,
  audience,
  keys: await keptKeys(dataDir),
  ...(seconds && { tokenSeconds: Number(seconds) }),
});
server.listen(Number(port), '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));
