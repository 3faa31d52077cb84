import { runProvision } from '@bellhop/service';
import { migrations } from './guest-auth-service.js';

await runProvision('guest-auth', { migrations });
