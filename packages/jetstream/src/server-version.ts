/** Older servers crash when one message of an outside system has a wildcard as its reply subject (nats-server pull request 3862). */
const FLOOR = { major: 2, minor: 12 };
export const FLOOR_TEXT = `${FLOOR.major}.${FLOOR.minor}`;

/** @param version as the server reports it, `2.14.0` or `v2.12.1-RC.1`. Any other text counts as new enough: a fork may use its own scheme */
export function isBelowFloor(version: string | undefined): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  if (major === undefined) return false;
  return Number(major) < FLOOR.major || (Number(major) === FLOOR.major && Number(minor) < FLOOR.minor);
}
