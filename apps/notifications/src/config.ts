import { OWN_SYSTEM, systemName } from '@bellhop/contracts/persons';
import { configFields, integerField, parsedField } from '@bellhop/http';
import { erasureKeysField, identityConfig, serviceConfig } from '@bellhop/service';
import { z } from 'zod';
import { isHostName, parseAddress, parseSender, type Sender } from './channels/email/address.js';
import { checkEmailUrl } from './channels/email/email-url.js';
import { parseWebhookSecrets } from './channels/email/resend/webhook-secrets.js';
import { clientName } from './channels/email/smtp/url.js';
import { parsePushSubject, parseVapidKeys, type VapidKey } from './channels/push/vapid.js';
import { parseNameServers } from './mail-checks/dkim/public-keys.js';
import { type PayloadKey, parsePayloadKeys } from './payload/payload-keys.js';
import type { DigestWindow } from './planning/timing.js';

const seconds = (fallback: number, docs: { min: number; max: number; description: string }) =>
  integerField({ ...docs, unit: 'seconds', example: String(fallback) }).default(fallback);

/** Every setting of this app, read from the environment once. */
export const configSchema = z
  .object({
    ...serviceConfig('notifications'),
    ...identityConfig,
    TRUSTED_PROXIES: configFields.TRUSTED_PROXIES,
    EMAIL_URL: parsedField(checkEmailUrl, {
      description:
        'the mail server (`smtp://`, `smtps://`), or Resend (`resend://<api key>`, ' +
        'with `@host:port` for another server with the same API over http); or several, separated by commas, in the order in which they are ' +
        'used: mails go through the next one while the first takes none. Options of a mail server: ' +
        '`?name=mail.example.com`, our name in EHLO (default: the host of EMAIL_FROM, else of PUBLIC_URL), ' +
        'and `?ca=/path/to/certificates.pem`, the authority of its certificate. Of both: `?rate=10`, how many requests a second all replicas ' +
        'together may make (of a mail server: mails); Resend names its limit itself. With a password, `smtps` or `ca` the certificate ' +
        'must be valid; otherwise TLS is used if the server offers it, with any certificate',
      example: 'resend://re_123,smtp://user:password@mail.example.com:587',
    }),
    EMAIL_FROM: parsedField((text) => parseSender({ from: text }) && text, {
      description: 'the sender that people see',
      example: 'Example Support <support@example.com>',
    }),
    EMAIL_BOUNCE: parsedField(parseAddress, {
      description: 'the address for bounces; default: the address of EMAIL_FROM',
      example: 'bounces@example.com',
    }).optional(),
    MAIL_DKIM_DOMAIN: parsedField(parseDkimDomain, {
      description:
        'the domain that signs our mails (`d=` of `DKIM-Signature`), which is the domain of EMAIL_FROM, above it or below it. Without it, ' +
        'nobody can be told that a mail is ours (`POST /notifications/mail-checks`)',
      example: 'example.com',
    }).optional(),
    DNS_SERVERS: parsedField(parseNameServers, {
      description:
        'the name servers that are asked for the keys of signatures (`POST /notifications/mail-checks`), by address, with a port or without; default: those of ' +
        'this machine. Needed where these show an inner view of MAIL_DKIM_DOMAIN',
      example: '192.0.2.53,[2001:db8::53]:5353',
    }).optional(),
    RESEND_WEBHOOK_SECRETS: parsedField(parseWebhookSecrets, {
      description:
        'the signing secret of the webhook at `/webhooks/resend`, which reports bounces and complaints; during a rotation both secrets, separated by a comma',
      example: 'whsec_… (shown by Resend beside the webhook)',
    }).optional(),
    VAPID_KEYS: parsedField(parseVapidKeys, {
      description:
        'the key pair by which push services know us, `<public>:<private>`; to rotate, put a new pair in front, separated by a comma, ' +
        'and keep the old one for the devices that subscribed with it. Without it there are no push notifications',
      example: '(made by: npm run bellhop -- vapid)',
    }).optional(),
    PUSH_SUBJECT: parsedField(parsePushSubject, {
      description:
        'where push services can reach you, an address or a page; default: the address of EMAIL_FROM. They refuse one on `localhost`',
      example: 'mailto:operations@example.com',
    }).optional(),
    PUSH_LOCAL_SERVICE: parsedField(parseLocalService, {
      description:
        'the origin of a push service on this machine, whose endpoints are taken although they are local: for `npm run up` and tests, never in production',
      example: 'http://127.0.0.1:3004',
    }).optional(),
    AGENTS_EMAIL: parsedField(parseAddress, {
      description: "the agents' shared mailbox, which is notified of unassigned tickets; without it nobody is",
      example: 'support-team@example.com',
    }).optional(),
    BRAND: z
      .string()
      .max(60)
      .default('Bellhop')
      .meta({ description: 'the name of your service in mails', example: 'Example Exchange' }),
    PAYLOAD_KEY: parsedField(parsePayloadKeys, {
      description:
        'the key that encrypts stored requests and signs the links that mute a ticket, 32 bytes in base64; to rotate, put a new key in front, separated by a comma, and keep the old one for 30 days',
      example: '(made by: openssl rand -base64 32)',
    }),
    ERASURE_KEY: erasureKeysField,
    INBOUND_SYSTEMS: parsedField(parseInboundSystems, {
      description: 'the systems that may publish ticket events, each with the base address of its tickets',
      example: 'crm=https://crm.example.com/,erp=https://erp.example.com/help/',
    }).optional(),
    ALERT_QUIET_SECONDS: seconds(120, {
      min: 0,
      max: 3600,
      description: 'the digest window: how long a mail waits for further events',
    }),
    ALERT_MAX_WAIT_SECONDS: seconds(600, {
      min: 0,
      max: 86_400,
      description: 'the maximum time that a mail waits for further events',
    }),
    PUSH_QUIET_SECONDS: seconds(10, {
      min: 0,
      max: 3600,
      description: 'how long a push waits for further events',
    }),
    LEASE_SECONDS: seconds(30, {
      min: 2,
      max: 600,
      description: 'the lease time: how long after a crash of a replica its deliveries stay locked',
    }),
  })
  // With `!(… < …)`, a value that is no number, which is reported already, does not break this rule, too.
  .refine((config) => !(config.ALERT_MAX_WAIT_SECONDS < config.ALERT_QUIET_SECONDS), {
    path: ['ALERT_MAX_WAIT_SECONDS'],
    message: 'must not be less than ALERT_QUIET_SECONDS',
  })

  .refine(({ MAIL_DKIM_DOMAIN: domain, EMAIL_FROM }) => !domain || isRelated(domain, EMAIL_FROM), {
    path: ['MAIL_DKIM_DOMAIN'],
    message: 'must be the domain of EMAIL_FROM, above it or below it',
  })
  .refine((config) => !config.VAPID_KEYS || config.PUSH_SUBJECT || canReach(config.EMAIL_FROM), {
    path: ['PUSH_SUBJECT'],
    message:
      'is needed, because the address of EMAIL_FROM is on a host that push services refuse: write it like mailto:operations@example.com',
  });

export type Config = z.output<typeof configSchema>;

/** The settings as the code uses them: parsed, in milliseconds. */
export class Settings {
  readonly publicUrl: string;
  readonly brand: string;
  readonly sender: Sender;
  /** What signs our mails; without it, that is not known. */
  readonly dkimDomain: string | undefined;
  /** Our name in EHLO. */
  readonly clientName: string | undefined;
  readonly agentsAddress?: string;
  readonly payloadKeys: readonly [PayloadKey, ...PayloadKey[]];
  readonly inboundSystems: InboundSystems;
  /** Without one, webhooks are refused. */
  readonly webhookSecrets: readonly string[];
  /** How long a mail waits for further events. */
  readonly digestWindow: DigestWindow;
  /** Null: web push is off. */
  readonly push: PushSettings | null;
  /** How long a push waits for further events. */
  readonly pushQuietMs: number;
  readonly leaseMs: number;
  /** How long to wait for a late answer before an unknown attempt is repeated. */
  readonly unknownWaitMs: number;

  constructor(config: Config) {
    this.publicUrl = config.PUBLIC_URL;
    this.brand = config.BRAND;
    this.sender = parseSender({ from: config.EMAIL_FROM, bounce: config.EMAIL_BOUNCE });
    this.dkimDomain = config.MAIL_DKIM_DOMAIN;
    this.clientName = clientName(this.sender.host, new URL(config.PUBLIC_URL).hostname);
    if (config.AGENTS_EMAIL) this.agentsAddress = config.AGENTS_EMAIL;
    this.payloadKeys = config.PAYLOAD_KEY;
    this.inboundSystems = config.INBOUND_SYSTEMS ?? new Map();
    this.webhookSecrets = config.RESEND_WEBHOOK_SECRETS ?? [];
    this.digestWindow = {
      quietMs: config.ALERT_QUIET_SECONDS * 1000,
      maxWaitMs: config.ALERT_MAX_WAIT_SECONDS * 1000,
    };
    this.push = pushSettingsOf(config, this.sender);
    this.pushQuietMs = config.PUSH_QUIET_SECONDS * 1000;
    this.leaseMs = config.LEASE_SECONDS * 1000;
    this.unknownWaitMs = this.leaseMs;
  }
}

interface PushSettings {
  readonly keys: readonly [VapidKey, ...VapidKey[]];
  /** Where push services can reach us. */
  readonly subject: string;
  /** The origin of a push service on this machine. */
  readonly local: string | undefined;
}

function pushSettingsOf(config: Config, { from: { address } }: Sender): PushSettings | null {
  const { VAPID_KEYS: keys, PUSH_SUBJECT: subject = `mailto:${address}`, PUSH_LOCAL_SERVICE: local } = config;
  return keys ? { keys, subject, local } : null;
}

function parseDkimDomain(setting: string): string {
  const domain = setting.toLowerCase();
  if (isHostName(domain) && domain.includes('.')) return domain;
  throw new Error('must be a domain like example.com');
}

/** A signature speaks for the sender only within one domain. */
function isRelated(domain: string, from: string): boolean {
  try {
    const host = parseSender({ from }).host.toLowerCase();
    return `.${host}`.endsWith(`.${domain}`) || `.${domain}`.endsWith(`.${host}`);
  } catch {
    // Reported already.
    return true;
  }
}

/** Whether the address of a sender is one that push services take as a subject. */
function canReach(from: string): boolean {
  try {
    return parsePushSubject(`mailto:${parseSender({ from }).from.address}`) !== '';
  } catch {
    return false;
  }
}

/** @returns its origin */
function parseLocalService(setting: string): string {
  const url = URL.canParse(setting) ? new URL(setting) : null;
  if (url?.protocol === 'http:' && url.href === `${url.origin}/`) return url.origin;
  throw new Error('must be like http://127.0.0.1:3004');
}

/** Where the tickets of each known outside system open: `crm` → `https://crm.example.com/`. */
export type InboundSystems = ReadonlyMap<string, URL>;

/** `crm=https://crm.example.com/,erp=https://…` */
function parseInboundSystems(setting: string): InboundSystems {
  const entries = setting.split(',').map(parseInboundSystem);
  const systems = new Map(entries);
  if (systems.size < entries.length) throw new Error('names one system twice');
  return systems;
}

function parseInboundSystem(entry: string): [string, URL] {
  const [name = '', ...rest] = entry.trim().split('=');
  const text = rest.join('=');
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHome = url && /^https?:$/.test(url.protocol) && !/[*]/.test(url.host) && !url.username && !url.password;
  if (!systemName.safeParse(name).success || name === OWN_SYSTEM || !isHome || url.search || url.hash) {
    throw new Error('needs entries like crm=https://crm.example.com/, separated by commas');
  }
  return [name, url];
}
