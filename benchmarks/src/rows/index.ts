import type { Row } from '../row.js';
import { backlog } from './backlog.js';
import { both } from './both.js';
import { channels } from './channels.js';
import { crowd } from './crowd.js';
import { fairness } from './fairness.js';
import { fanOut } from './fan-out.js';
import { footprint } from './footprint.js';
import { intake } from './intake.js';
import { latency } from './latency.js';
import { lists } from './lists.js';
import { pushes } from './push.js';
import { pushLatency } from './push-latency.js';
import { relay } from './relay.js';
import { replicas } from './replicas.js';
import { guests, resend } from './resend.js';
import { losses } from './rivals.js';
import { smtp } from './smtp.js';
import { templates } from './template.js';

/** In the order of the table. */
export const rows: readonly Row[] = [
  relay,
  intake,
  both,
  resend,
  guests,
  smtp,
  channels,
  ...templates,
  ...pushes,
  latency,
  pushLatency,
  fanOut,
  crowd,
  fairness,
  replicas,
  losses,
  lists,
  backlog,
  footprint,
];
