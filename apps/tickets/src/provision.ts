import { runProvision } from '@bellhop/service';
import { consumes, migrations } from './tickets-service.js';

await runProvision('tickets', { migrations, consumes });
