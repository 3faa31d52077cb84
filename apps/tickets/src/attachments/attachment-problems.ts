import { Problem } from '@bellhop/http';
import { signInRequired } from '@bellhop/service';
import type { Caller } from '../people/caller.js';
import type { Why } from './sniffing/refused.js';
import { StorageError } from './storage/storage.errors.js';

const ALLOWED =
  'images (PNG, JPEG, GIF, WebP, AVIF, HEIC), PDF, plain text and CSV in UTF-8 or UTF-16, and office documents without macros and embedded objects (docx, xlsx, pptx, odt, ods, odp, doc, xls, ppt)';

const WHY: Readonly<Record<Why, string>> = {
  unknown: 'By its content it is none of the types that can be attached.',
  archive: 'It is an archive. Attach the files that are in it.',
  macros: 'It holds macros, which are programs. Save it without them.',
  embedded: 'It has another file embedded (an OLE object). Take that out, or save it as PDF.',
  remote:
    'It loads something from another computer when it is opened, such as a template. Detach that, or save it as PDF.',
  unreadable: 'It is damaged, encrypted or built in a way that cannot be checked. Save it anew, without a password.',
  before_pdf: 'It is a PDF with something else in front of it. Print it to a new PDF.',
  page: 'It begins as a web page or XML does. Put a line of words in front of it, or save it as PDF.',
  program:
    'It begins as a script, a saved mail or another format does. Put a line of words in front of it, or save it as PDF.',
  charset: 'It is no text in UTF-8. Save it anew with the encoding UTF-8.',
  control_characters: 'It is a text with control characters in it. Take them out, or save it as PDF.',
};

export function typeNotAllowed(why: Why): Problem {
  const detail = `${WHY[why]} Taken are ${ALLOWED}.`;
  return new Problem(415, 'file_type_not_allowed', 'This type of file cannot be attached', detail);
}

export function fileEmpty(): Problem {
  const errors = [{ path: 'file', message: 'is empty' }];
  return new Problem(422, 'file_empty', 'The file is empty', 'Choose the file again: it has no content.', { errors });
}

/** The same for every limit: the answer does not tell what others upload from the same network. */
export function tooManyUploads(): Problem {
  const detail = 'Send the message that these files are for, or wait: what is in no message after a day is removed.';
  return new Problem(429, 'too_many_uploads', 'Too many files are waiting for a message', detail, {
    headers: { 'retry-after': '3600' },
  });
}

function storageTrouble(error: StorageError): Problem {
  const isFull = error.code === 'storage_full';
  const detail = isFull
    ? 'There is no room for more files at the moment. Send the message without the file, or try again later.'
    : 'Files cannot be stored or read at the moment. Send the message without the file, or try again in a minute.';
  const title = isFull ? 'No room for files' : 'Files are unavailable';
  return new Problem(isFull ? 507 : 503, error.code, title, detail, { headers: { 'retry-after': '60' }, cause: error });
}

/** The answer to a caller. Messages of the storage name places on our disk and go to the log only. */
export function problemOf(error: unknown): unknown {
  return error instanceof StorageError ? storageTrouble(error) : error;
}

/** The same for a file that does not exist, is somebody else's, or is in a message already. */
export function attachmentNotFound(): Problem {
  return new Problem(404, 'attachment_not_found', 'No such file', 'There is no file with this id that you may open.');
}

/** What to answer a caller who has found no file: one of whom nothing is known may find it after signing in. */
export function notFoundBy(caller: Caller | null, error: unknown): unknown {
  const isNotFound = error instanceof Problem && error.status === 404;
  return caller === null && isNotFound ? signInRequired(WHO) : error;
}

const WHO = 'Send "Authorization: Bearer <access token>"; as a guest, open your link and prove the address.';

export function attachmentsNotFound(paths: readonly { id: string; path: string }[]): Problem {
  const errors = paths.map(({ path }) => ({ path, message: 'is no file that you have uploaded and not sent yet' }));
  const ids = paths.map(({ id }) => id).join(', ');
  const detail = `Not found: ${ids}. Upload it again (POST /attachments), and send the id that you are given.`;
  return new Problem(404, 'attachment_not_found', 'No such file', detail, { errors });
}

export function ticketFilesFull(maxBytes: number): Problem {
  const detail = `The files of one ticket may have ${Math.floor(maxBytes / 1024 / 1024)} MiB together. Send fewer or smaller ones, or describe in the text what they show.`;
  return new Problem(422, 'ticket_files_full', 'The ticket has no room for these files', detail);
}
