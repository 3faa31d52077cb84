import { parseConfig, runMain, runService } from '@bellhop/service';
import { guestAuthConfig } from './guest-auth-config.js';
import { guestAuthService } from './guest-auth-service.js';

await runMain(async () => runService(guestAuthService(parseConfig(guestAuthConfig))), 'guest-auth');
