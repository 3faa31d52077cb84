import type { Row } from '../row.js';
import { template } from './template.js';

/** In the order of the table. */
export const rows: readonly Row[] = [template];
