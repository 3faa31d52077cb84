import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP, isIPv4 } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { isHostName } from '../address.js';
import { EmailError } from '../email.errors.js';
import { parseRate } from '../limits/rate.js';

/** Where and how to reach the SMTP server; a subset of nodemailer's options. */
export interface SmtpServer {
  host: string;
  port: number;
  /** TLS from the first byte (`smtps://`); else STARTTLS whenever the server offers it. */
  secure: boolean;
  /** Refuse to go on without STARTTLS. */
  requireTLS: boolean;
  auth?: { user: string; pass: string };
  /** What we call ourselves in EHLO, where the URL says so. */
  name?: string;
  /** Mails per second at most, where the URL says so. */
  rate?: number;
  tls: ConnectionOptions;
}

/** Where plain text is allowed, the encryption of an old server is still better (RFC 7435 §3). */
const OPPORTUNISTIC: ConnectionOptions = {
  rejectUnauthorized: false,
  minVersion: 'TLSv1',
  ciphers: 'DEFAULT:@SECLEVEL=0',
};

/**
 * Reads EMAIL_URL: `smtp://user:pass@host:port` (port 587 if none is given) or `smtps://…` (465), with `?name=`, `?ca=` and `?rate=`.
 * - A password is sent only under TLS to a server with a trusted certificate, so that no attacker on the way can strip STARTTLS
 *   and read it. `smtps` requires such a certificate, too.
 * - Without a password mails are sent unencrypted to a server without TLS. So to one with TLS any certificate is accepted.
 * - On loopback nobody is on the way: plain text is accepted, and so is a self-signed certificate.
 * - `ca`, a file of certificates in PEM, requires TLS under a certificate that one of these has signed, everywhere.
 * @throws EmailError `invalid_email_url`, which never repeats the URL: it may hold a password.
 */
export function parseSmtpUrl(text: string): SmtpServer {
  const url = parse(text);
  const secure = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const isLoopback = host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
  const auth = credentials(url);
  const { name, ca, rate } = parameters(url);
  const isStrict = ca !== undefined || (!isLoopback && (secure || auth !== undefined));
  return {
    host,
    port: url.port ? Number(url.port) : secure ? 465 : 587,
    secure,
    requireTLS: !secure && isStrict,
    ...(auth && { auth }),
    ...(name !== undefined && { name }),
    ...(rate !== undefined && { rate: parseRate(rate) }),
    tls: isStrict ? { ...(ca !== undefined && { ca: certificates(ca) }) } : OPPORTUNISTIC,
  };
}

/**
 * The name for EHLO unless EMAIL_URL has one: RFC 5321 §4.1.1.1 requires a full host name, and many relays insist on it. In a
 * container the name of the machine is not one.
 * @param hosts by preference
 * @returns undefined when none of them is such a name
 */
export function clientName(...hosts: readonly string[]): string | undefined {
  return hosts.find((host) => host.includes('.') && isIP(host) === 0 && isHostName(host));
}

function parse(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url?.hostname || !['smtp:', 'smtps:'].includes(url.protocol)) throw invalid();
  if (url.hash || !['', '/'].includes(url.pathname)) throw invalid();
  return url;
}

/** @throws when there is anything else after the host, so that a typing error is not ignored. */
function parameters(url: URL): { name?: string; ca?: string; rate?: string } {
  const entries = [...url.searchParams];
  const found = Object.fromEntries(entries);
  const { name, ca, rate: _, ...others } = found;
  if (Object.keys(others).length > 0 || Object.keys(found).length < entries.length || ca === '') throw invalid();
  if (name !== undefined && !isHostName(name) && !isAddressLiteral(name)) {
    throw new EmailError(
      'invalid_email_url',
      'name= in EMAIL_URL must be the host name that this server calls itself, such as ?name=mail.example.com, or its ' +
        'address in brackets.',
    );
  }
  return found;
}

/** RFC 5321 §4.1.3. */
function isAddressLiteral(text: string): boolean {
  const [, six, address = ''] = /^\[(IPv6:)?([^\]]+)\]$/i.exec(text) ?? [];
  return isIP(address) === (six ? 6 : 4);
}

function certificates(path: string): string {
  try {
    const pem = readFileSync(path, 'utf8');
    new X509Certificate(pem);
    return pem;
  } catch (cause) {
    const { code = 'no certificate in it' } = cause as NodeJS.ErrnoException;
    throw new EmailError(
      'invalid_email_url',
      `ca= in EMAIL_URL must be the path of a file with certificates in PEM, such as ?ca=/etc/ssl/relay.pem; this one cannot be used (${code}).`,
    );
  }
}

function credentials(url: URL): { user: string; pass: string } | undefined {
  try {
    const [user, pass] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
    if (Boolean(user) !== Boolean(pass)) throw invalid();
    return user ? { user, pass } : undefined;
  } catch {
    throw invalid();
  }
}

function invalid(): EmailError {
  const message =
    'EMAIL_URL must look like smtp://host:port, smtp://user:password@host:port or smtps://user:password@host:port; ' +
    'write special characters in user and password percent-encoded (@ as %40, / as %2F). Behind it may stand ' +
    '?name=mail.example.com (what this server calls itself), ?ca=/path/to/certificates.pem (who signs for the mail server) and ' +
    '?rate=10 (mails per second at most), with & between them.';
  return new EmailError('invalid_email_url', message);
}
