import { runProvision } from '@bellhop/service';
import { consumes, migrations } from './notifications-service.js';

await runProvision('notifications', { migrations, consumes });
