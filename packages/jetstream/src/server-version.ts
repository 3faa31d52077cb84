/** Older servers end when one message of an outside system has a wildcard as its reply subject (nats-server pull request 3862). */
const FLOOR = { major: 2, minor: 12 };
export const FLOOR_TEXT = `${FLOOR.major}.${FLOOR.minor}`;

/** @param version as a server tells it, `2.14.0` or `v2.12.1-RC.1`; what is no version is taken for new enough: a fork may call itself as it likes */
export function isBelowFloor(version: string | undefined): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version ?? '') ?? [];
  if (major === undefined) return false;
  return Number(major) < FLOOR.major || (Number(major) === FLOOR.major && Number(minor) < FLOOR.minor);
}
