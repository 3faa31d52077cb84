/** The OpenID provider as a process of its own: `node oidc-process.js <port> <audience> <data folder>`. */
import { keptKeys } from './keys.js';
import { createOidcServer } from './oidc-server.js';

const [port = '', audience = '', dataDir = ''] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const server = createOidcServer({ issuer, audience, keys: await keptKeys(dataDir) });
server.listen(Number(port), '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));
