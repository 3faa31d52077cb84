import { isIPv4 } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { EmailError } from './email.errors.js';

/** Where and how to reach the SMTP server; a subset of nodemailer's options. */
export interface SmtpServer {
  host: string;
  port: number;
  /** TLS from the first byte (`smtps://`); else STARTTLS whenever the server offers it. */
  secure: boolean;
  /** Refuse to go on without STARTTLS. */
  requireTLS: boolean;
  auth?: { user: string; pass: string };
  tls: ConnectionOptions;
}

/**
 * Reads EMAIL_URL: `smtp://user:pass@host:port` (port 587 if none is given) or `smtps://…` (465).
 * - A password leaves this machine only under TLS, so that nobody on the way can strip STARTTLS and read it.
 * - On loopback there is nobody on the way: plain is fine, and so is a certificate that nobody has signed.
 * @throws EmailError `invalid_email_url`, which never repeats the URL: it may hold a password.
 */
export function parseSmtpUrl(text: string): SmtpServer {
  const url = parse(text);
  const secure = url.protocol === 'smtps:';
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const isLoopback = host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));
  const auth = credentials(url);
  return {
    host,
    port: url.port ? Number(url.port) : secure ? 465 : 587,
    secure,
    requireTLS: !secure && auth !== undefined && !isLoopback,
    ...(auth && { auth }),
    tls: isLoopback ? { rejectUnauthorized: false } : {},
  };
}

function parse(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url?.hostname || !['smtp:', 'smtps:'].includes(url.protocol)) throw invalid();
  // Nothing after the host means anything here; better refused than overlooked.
  if (url.search || url.hash || !['', '/'].includes(url.pathname)) throw invalid();
  return url;
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
    'write special characters in user and password percent-encoded (@ as %40, / as %2F).';
  return new EmailError('invalid_email_url', message);
}
