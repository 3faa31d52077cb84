import { createHmac } from 'node:crypto';
import { renderSubject, resolveLocale } from '@bellhop/email-templates';
import { audienceOf } from '../audience.js';
import type { Content } from '../channel.js';

/** RFC 8030 §5.3. Phones that save power fetch below `high` later. */
type Urgency = 'normal' | 'high';

/** A push as it is stored before its first attempt: everything but the device that it goes to. */
export interface FrozenPush {
  /** The account whose devices get it. */
  readonly person: string;
  /** Replaces a push of the same topic that no device has fetched yet (RFC 8030 §5.4). It tells the service nothing. */
  readonly topic: string;
  readonly urgency: Urgency;
  /** Milliseconds since 1970; it is pointless afterwards. */
  readonly expiresAt: number;
  /** What the browser shows: JSON. */
  readonly text: string;
}

const DAY_MS = 24 * 3_600_000;
/** Below what every service takes (Mozilla: 4,028 characters), and room for a long link. */
const MAX_TEXT_BYTES = 1_500;
/** They wait for the person, or close what they waited for. */
const URGENT: ReadonlySet<Content['template']> = new Set(['information_requested', 'resolved']);
const MAX_HASH = 32;

/**
 * Declarative web push (https://webkit.org/blog/16535), which other browsers' service workers read as well. It can stand on a locked
 * screen: no subject and no text of a ticket, nor any name.
 * @param secret keys the topic
 */
export function freezePush(content: Content, { brand, secret }: { brand: string; secret: Buffer }): Buffer {
  const { template, endpoint: person, system, ticketId, at, now } = content;
  if (template === 'code' || content.link === null) throw new Error('codes go by e-mail alone');
  const topic = createHmac('sha256', secret)
    .update(JSON.stringify([person, system, ticketId]))
    .digest('hex')
    .slice(0, MAX_HASH);
  const title = renderSubject(template, audienceOf(content), {
    number: content.ticketNumber,
    brand,
    link: content.link,
    count: content.count,
    ...(content.locale && { locale: content.locale }),
  });
  const notification = {
    title,
    lang: resolveLocale(content.locale ?? undefined),
    dir: 'auto',
    tag: topic,
    navigate: content.link,
    data: { v: 1, deliveryId: content.deliveryId, ticket: ticketId, kind: template },
  };
  const text = JSON.stringify({ web_push: 8030, notification });
  if (Buffer.byteLength(text) > MAX_TEXT_BYTES) throw tooLong();
  const isReplay = content.generation > 0 || content.copy > 0;
  const untilPointless = at && at > now ? at.getTime() : Number.POSITIVE_INFINITY;
  const push: FrozenPush = {
    person,
    topic,
    urgency: URGENT.has(template) ? 'high' : 'normal',
    expiresAt: Math.min((isReplay ? now : content.firstAt).getTime() + DAY_MS, untilPointless),
    text,
  };
  return Buffer.from(JSON.stringify(push));
}

export function thawPush(bytes: Buffer): FrozenPush {
  return JSON.parse(bytes.toString()) as FrozenPush;
}

function tooLong(): Error {
  return Object.assign(new Error(`a push has more than ${MAX_TEXT_BYTES} bytes`), { code: 'push_too_long' });
}
