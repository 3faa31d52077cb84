import { z } from 'zod';
import { WINDOWS_ZONES } from './windows-zones.js';

const MAX_LENGTH = 128;
const UTC_NAMES = new Set(['z', 'utc', 'gmt', 'zulu', 'coordinated universal time']);
const OFFSET = /^\(?(?:UTC|GMT)?\s*([+\u2212-])(\d{1,2})(?::?00)?(?:\)|$)/i;
/** `Etc/GMT-14` to `Etc/GMT+12`: the zones of whole hours that there are. */
const MOST_HOURS_EAST = 14;
const MOST_HOURS_WEST = 12;

const windowsZones = new Map(Object.entries(WINDOWS_ZONES).map(([name, zone]) => [name.toLowerCase(), zone]));
/** Zones that the runtime was asked for: asking costs more than all the rest of reading an event. */
const read = new Map<string, string | undefined>();
/** Twice as many as there are: names differ in case, and come from strangers. */
const MAX_READ = 1_200;

/**
 * The IANA zone that is meant: `Europe/Warsaw` itself, `Central European Standard Time` of Windows, `UTC+1` as `Etc/GMT-1`, with
 * blanks around it or in the place of underscores. Undefined: nothing that the runtime knows.
 */
export function readTimezone(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (read.has(value)) return read.get(value);
  const zone = zoneOf(value);
  if (value.length > MAX_LENGTH) return zone;
  // The oldest goes: nonsense must not hold its place for ever.
  if (read.size >= MAX_READ) read.delete(read.keys().next().value as string);
  read.set(value, zone);
  return zone;
}

function zoneOf(value: string): string | undefined {
  const written = value
    .slice(0, MAX_LENGTH)
    .replace(/[\p{Default_Ignorable_Code_Point}\p{Cc}]/gu, ' ')
    .trim()
    // As POSIX writes it in TZ.
    .replace(/^:/, '');
  if (UTC_NAMES.has(written.toLowerCase())) return 'UTC';
  const spelt = /^[A-Za-z][A-Za-z0-9_+/ \\-]*$/.test(written) ? written.replaceAll(' ', '_').replaceAll('\\', '/') : '';
  if (spelt !== '' && isKnown(spelt)) return spelt;
  return windowsZones.get(written.toLowerCase().replace('daylight time', 'standard time')) ?? zoneOfOffset(written);
}

/** The signs in the names of these zones are turned round, as POSIX has it. */
function zoneOfOffset(written: string): string | undefined {
  const [, sign, digits] = OFFSET.exec(written) ?? [];
  if (sign === undefined) return undefined;
  const hours = Number(digits);
  if (hours === 0) return 'UTC';
  if (sign === '+') return hours <= MOST_HOURS_EAST ? `Etc/GMT-${hours}` : undefined;
  return hours <= MOST_HOURS_WEST ? `Etc/GMT+${hours}` : undefined;
}

function isKnown(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return true;
  } catch {
    return false;
  }
}

/** Only shows how dates look: what is no zone is left out, and never a reason to refuse. */
export const timezone = z
  .unknown()
  .transform(readTimezone)
  .meta({
    $comment: 'an IANA time zone such as "Europe/Warsaw"',
    description:
      "Time zone of the dates in alerts, an IANA name; Windows' names are read, too. Without it, or without sense: UTC.",
    examples: ['Europe/Warsaw'],
  });
