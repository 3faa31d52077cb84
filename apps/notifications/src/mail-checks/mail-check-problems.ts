import { Problem } from '@bellhop/http';

export function notAMail(): Problem {
  const detail =
    'Send the mail as your mail program saves it (often "Save as", a file that ends with .eml), or all lines of its header ("Show original", "View source").';
  return new Problem(422, 'not_a_mail', 'This is no mail', detail);
}

/** The same for everybody who comes from this network. */
export function tooManyChecks(retryAfterSeconds: number): Problem {
  const detail = `Try again in ${Math.ceil(retryAfterSeconds / 60)} minutes. Until then, open no link in the mail.`;
  return new Problem(429, 'too_many_checks', 'Too many mails were checked', detail, {
    headers: { 'retry-after': String(retryAfterSeconds) },
  });
}
