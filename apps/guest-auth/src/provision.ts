import { runProvision } from '@bellhop/service';
import { consumes, migrations } from './guest-auth-service.js';

await runProvision('guest-auth', { migrations, consumes });
