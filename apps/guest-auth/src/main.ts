import { parseConfig, runMain } from '@bellhop/http';
import { runService } from '@bellhop/service';
import { configSchema } from './config.js';
import { guestAuthService } from './guest-auth-service.js';

await runMain(async () => {
  const config = parseConfig(configSchema);
  await runService(guestAuthService(config), config);
}, 'guest-auth');
