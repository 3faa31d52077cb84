import { z } from 'zod';
import { timestamp } from '../events/envelope.js';
import { ticketNumber } from '../events/ticket.js';
import { emailAddress } from '../persons/email-address.js';
import { locale } from '../persons/locale.js';
import { stringOf, wordOf } from '../shape.js';

/** How long a caller waits for an answer, in milliseconds. After that it is unknown whether the question was heard. */
export const RPC_TIMEOUT_MS = 3_000;

/** The one-time code of a challenge. It stands in requests to the notifier and in the mail, in no answer and no event. */
export const oneTimeCode = stringOf(/^[0-9]{6}$/, '6 digits');

/** 256 random bits in base64url: the part of a guest's link after `/t/`. */
export const linkToken = stringOf(/^[A-Za-z0-9_-]{43}$/, 'the part of the link after "/t/", unchanged');

/** Random, known to one browser only; challenges are bound to it. */
export const browserToken = stringOf(/^[A-Za-z0-9_-]{22,86}$/, 'the value of the browser cookie');

/** The network of whoever asks, such as `203.0.113.7/32` or `2001:db8:1:101::/64`: what budgets per network count. */
const network = stringOf(/^[0-9a-f.:]{2,39}\/[0-9]{1,3}$/, 'a network prefix such as "203.0.113.7/32"');

/** For what an address is proven. Each purpose has budgets of its own. */
export const challengePurpose = wordOf(['filing', 'link']);

/** `j***@e***`: enough to recognise one's own address, nothing to learn another's. */
const maskedAddress = z.string().min(1).max(64);

/** How many of each kind were erased, such as `{"tickets": 3}`. */
export const erasedCounts = z.record(z.string(), z.int().nonnegative());

const erasureQuestion = {
  request: z.object({ erasureId: z.uuid() }),
  response: z.object({ erasedAt: timestamp, counts: erasedCounts }).nullable(),
};

/**
 * Questions that one service asks another over core NATS, in the queue group of the service that answers. The subject
 * is the name. A question is not stored: no answer in time means that nobody may have heard it.
 */
export const rpcs = {
  /** Sends a one-time code now. Idempotent by `challengeId`; answers after the delivery is committed. */
  sendCode: {
    subject: 'notifications.rpc.v1.send_code',
    request: z.object({
      challengeId: z.uuid(),
      email: emailAddress,
      code: oneTimeCode,
      number: ticketNumber,
      expiresAt: timestamp,
      locale: locale.optional(),
    }),
    response: z.object({ accepted: z.boolean() }),
  },
  /**
   * Mails the guest of a ticket a fresh link to it, because they asked for one. Whoever asks has found the ticket by number and
   * address. Idempotent by `requestId`; answers after the delivery is committed. The link itself is made when the mail is.
   */
  sendLink: {
    subject: 'notifications.rpc.v1.send_link',
    request: z.object({
      requestId: z.uuid(),
      ticketId: z.uuid(),
      email: emailAddress,
      number: ticketNumber,
      locale: locale.optional(),
    }),
    response: z.object({ accepted: z.boolean() }),
  },
  /** Makes the unique link of each delivery to a guest. Idempotent by `deliveryId`; answers in the order of the request. */
  issueLinks: {
    subject: 'guest_auth.rpc.v1.issue_links',
    request: z
      .array(z.object({ deliveryId: z.uuid(), ticketId: z.uuid(), email: emailAddress }))
      .min(1)
      .max(250),
    response: z.array(z.object({ deliveryId: z.uuid(), link: linkToken })),
  },
  /**
   * Whether a guest could be asked to prove a mailbox now; if not, it is refused as `over_budget`. Nothing is counted, and nothing sent.
   * Whoever writes something down before they ask asks this first.
   */
  roomForCode: {
    subject: 'guest_auth.rpc.v1.room_for_code',
    request: z.object({ purpose: challengePurpose, email: emailAddress, network: network.optional() }),
    response: z.object({}),
  },
  /** Asks a guest to prove a mailbox. */
  openChallenge: {
    subject: 'guest_auth.rpc.v1.open_challenge',
    request: z.object({
      purpose: challengePurpose,
      ticketId: z.uuid(),
      email: emailAddress,
      number: ticketNumber,
      locale: locale.optional(),
      browser: browserToken,
      network: network.optional(),
    }),
    response: z.object({ challengeId: z.uuid(), sentTo: maskedAddress, expiresAt: timestamp }),
  },
  /** Whose session a cookie is; null when it is nobody's, or over. */
  readSession: {
    subject: 'guest_auth.rpc.v1.session',
    request: z.object({ token: z.string().min(1).max(512) }),
    response: z.object({ email: emailAddress, ticketIds: z.array(z.uuid()), expiresAt: timestamp }).nullable(),
  },
  /**
   * The guest's ticket with this number and address, however spelled, and the address as it was typed and proven, where mails go;
   * null whatever of both is wrong.
   */
  findForGuest: {
    subject: 'tickets.rpc.v1.find_for_guest',
    request: z.object({ number: ticketNumber, email: emailAddress }),
    response: z.object({ ticketId: z.uuid(), email: emailAddress.optional() }).nullable(),
  },
  /** What `tickets` has erased of a person; null as long as it has not. */
  erasureInTickets: { subject: 'tickets.rpc.v1.erasure', ...erasureQuestion },
  /** The same of `guest-auth`. */
  erasureInGuestAuth: { subject: 'guest_auth.rpc.v1.erasure', ...erasureQuestion },
} as const;

export type RpcName = keyof typeof rpcs;
export type RpcRequest<N extends RpcName> = z.infer<(typeof rpcs)[N]['request']>;
export type RpcResponse<N extends RpcName> = z.infer<(typeof rpcs)[N]['response']>;
export type ErasedCounts = z.infer<typeof erasedCounts>;
