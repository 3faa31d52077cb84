import { z } from 'zod';
import { CODE_LENGTH } from '../constants/limits.js';
import { timestamp } from '../events/envelope.js';
import { ticketNumber } from '../events/ticket.js';
import { emailAddress } from '../persons/email-address.js';
import { locale } from '../persons/locale.js';
import { stringOf, wordOf } from '../shape.js';

/** How long a caller waits for a reply, in milliseconds. Afterwards it is unknown whether the request was received. */
export const RPC_TIMEOUT_MS = 3_000;

/** The one-time code of a challenge. It is in requests to the notifier and in the mail, in no reply and no event. */
export const oneTimeCode = stringOf(new RegExp(`^[0-9]{${CODE_LENGTH}}$`), `${CODE_LENGTH} digits`);

/** 256 random bits in base64url: the part of a guest's link after `/t/`. */
export const linkToken = stringOf(/^[A-Za-z0-9_-]{43}$/, 'the part of the link after "/t/", unchanged');

/** Random, known to one browser only; challenges are bound to it. */
export const browserToken = stringOf(/^[A-Za-z0-9_-]{22,86}$/, 'the value of the browser cookie');

/** The network of the client, such as `203.0.113.7/32` or `2001:db8:1:101::/64`: what budgets per network count. */
const network = stringOf(/^[0-9a-f.:]{2,39}\/[0-9]{1,3}$/, 'a network prefix such as "203.0.113.7/32"');

/** For what an address is proven. Each purpose has budgets of its own. */
export const challengePurpose = wordOf(['filing', 'link']);

/** `j***@e***`: enough to recognise one's own address, nothing to learn another's. */
const maskedAddress = z.string().min(1).max(64);

/** How many of each kind were erased, such as `{"tickets": 3}`. */
export const erasedCounts = z.record(z.string(), z.int().nonnegative());

const erasure = {
  request: z.object({ erasureId: z.uuid() }),
  response: z.object({ erasedAt: timestamp, counts: erasedCounts }).nullable(),
};

/**
 * Requests between services over core NATS, in the queue group of the service that replies. The subject is the name. Requests are
 * not stored: without a reply in time it is unknown whether anybody received them.
 */
export const rpcs = {
  /** Sends a one-time code now. Idempotent by `challengeId`; replies after the delivery is committed. */
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
   * Mails the guest of a ticket a fresh link to it, because they requested one. The caller has found the ticket by number and
   * address. Idempotent by `requestId`; replies after the delivery is committed. The link itself is made when the mail is.
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
  /** Makes the unique link of each delivery to a guest. Idempotent by `deliveryId`; replies in the order of the request. */
  issueLinks: {
    subject: 'guest_auth.rpc.v1.issue_links',
    request: z
      .array(z.object({ deliveryId: z.uuid(), ticketId: z.uuid(), email: emailAddress }))
      .min(1)
      .max(250),
    response: z.array(z.object({ deliveryId: z.uuid(), link: linkToken })),
  },
  /**
   * Whether a challenge could be opened now; if not, it is refused as `over_budget`. Nothing is counted, and nothing is sent.
   * For callers that store something before they open the challenge.
   */
  roomForCode: {
    subject: 'guest_auth.rpc.v1.room_for_code',
    request: z.object({ purpose: challengePurpose, email: emailAddress, network: network.optional() }),
    response: z.object({}),
  },
  /** Opens a challenge: a guest has to prove a mailbox. */
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
    request: z.object({
      token: z.string().min(1).max(512),
      /** False: it is only looked at, and its idle time goes on. Default true. */
      isUse: z.boolean().optional(),
    }),
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
  erasureInTickets: { subject: 'tickets.rpc.v1.erasure', ...erasure },
  /** The same of `guest-auth`. */
  erasureInGuestAuth: { subject: 'guest_auth.rpc.v1.erasure', ...erasure },
} as const;

export type RpcName = keyof typeof rpcs;
export type RpcRequest<N extends RpcName> = z.infer<(typeof rpcs)[N]['request']>;
export type RpcResponse<N extends RpcName> = z.infer<(typeof rpcs)[N]['response']>;
export type ErasedCounts = z.infer<typeof erasedCounts>;
