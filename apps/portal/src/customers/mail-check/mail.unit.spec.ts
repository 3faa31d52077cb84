import { MAX_CHECKED_MAIL_BYTES } from '@bellhop/contracts/constants';
import { describe, expect, it } from '@jest/globals';
import { problemOf } from '../../shared/api.js';
import { mailOfFile, mailOfText, problemOfCheck, reasonWords, refusedBefore } from './mail.js';

const HEADER = 'From: Support <support@example.com>\nTo: jana@example.org\nSubject: Your ticket';

describe('a mail that is pasted', () => {
  it('is whole where something stands behind its header, else only a header', async () => {
    expect(mailOfText(`${HEADER}\n\nHello`).type).toBe('message/rfc822');
    expect(mailOfText(`${HEADER}\r\n\r\nHello`).type).toBe('message/rfc822');
    expect(mailOfText(HEADER).type).toBe('text/plain');
    expect(mailOfText(`${HEADER}\n\n  \n`).type).toBe('text/plain');
  });

  it('may have been copied with empty lines above it', async () => {
    expect(await mailOfText(`\n\n ${HEADER}`).text()).toBe(HEADER);
  });
});

describe('a file', () => {
  it('keeps each byte, whatever its type was said to be', async () => {
    const bytes = new Uint8Array([0xe9, 0x0d, 0x0a, 0xff]);
    const mail = mailOfFile(new Blob([bytes], { type: '' }));
    expect(mail.type).toBe('message/rfc822');
    expect(new Uint8Array(await mail.arrayBuffer())).toEqual(bytes);
  });
});

describe('before anybody is asked', () => {
  it('what is empty or too large is refused', () => {
    expect(refusedBefore(mailOfText(' \n '))).toEqual({ id: 'check.empty' });
    expect(refusedBefore(new Blob([new Uint8Array(MAX_CHECKED_MAIL_BYTES)]))).toBeNull();
    expect(refusedBefore(new Blob([new Uint8Array(MAX_CHECKED_MAIL_BYTES + 1)]))).toEqual({ id: 'check.tooLarge' });
  });
});

describe('a problem', () => {
  const saying = (status: number, code: string, retryAfter: string | null = null) =>
    problemOfCheck(problemOf(status, JSON.stringify({ code }), retryAfter));

  it('says when to ask again, in minutes', () => {
    expect(saying(429, 'too_many_checks', '840')).toEqual({ id: 'check.tooMany', values: { count: 14 } });
    expect(saying(429, 'too_many_checks', '5')).toEqual({ id: 'check.tooMany', values: { count: 1 } });
    expect(saying(429, 'too_many_checks')).toEqual({ id: 'check.tooMany', values: { count: 1 } });
  });

  it('says what is wrong with the mail, also where a proxy has refused it', () => {
    expect(saying(422, 'not_a_mail')).toEqual({ id: 'check.notAMail' });
    expect(problemOfCheck(problemOf(413, '<html>', null))).toEqual({ id: 'check.tooLarge' });
    expect(saying(503, 'service_unavailable')).toEqual({ id: 'check.failed' });
    expect(problemOfCheck(problemOf(0, '', null))).toEqual({ id: 'problem.unreachable' });
  });
});

it('a reason that this page does not know yet says no more than the answer', () => {
  expect(reasonWords({ verdict: 'cannot_tell', reason: 'too_old' })).toBe('reason.too_old');
  expect(reasonWords({ verdict: 'ours', reason: null })).toBe('verdict.ours.why');
  expect(reasonWords({ verdict: 'cannot_tell', reason: 'made_up' as never })).toBe('verdict.cannot_tell.why');
});
