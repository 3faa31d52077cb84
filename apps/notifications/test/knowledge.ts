import type { Knowledge } from '../src/planning/plan.js';
import { DEFAULT_SETTINGS } from '../src/planning/settings.js';

/** What planning is told of somebody who has decided nothing and seen nothing, but for what a test says. */
export function knowing(known: Partial<Knowledge>): Knowledge {
  return {
    now: new Date('2026-11-22T10:00:00Z'),
    notified: () => 0,
    seen: 0,
    settingsOf: () => DEFAULT_SETTINGS,
    isMuted: () => false,
    ...known,
  };
}
