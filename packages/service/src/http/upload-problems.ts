import { Problem } from '@bellhop/http';

const WANTED =
  'Send multipart/form-data with one part named `file` that has a file name, as a browser’s form or curl -F does.';

export function notMultipart(): Problem {
  return new Problem(415, 'unsupported_media_type', 'Unsupported media type', WANTED);
}

/** Not what RFC 7578 describes, or cut off before its end. */
export function malformedMultipart(cause?: unknown): Problem {
  return new Problem(400, 'malformed_multipart', 'The body is not multipart/form-data', WANTED, { cause });
}

export function fileMissing(): Problem {
  const errors = [{ path: 'file', message: 'is missing (a part with a file name)' }];
  return new Problem(422, 'file_missing', 'There is no file in the request', WANTED, { errors });
}

/** There may be a file behind it. */
export function fieldFirst(): Problem {
  const errors = [{ path: 'file', message: 'is not the first part' }];
  const detail = `The request begins with a part that is no file. ${WANTED} Send nothing else with it.`;
  return new Problem(422, 'file_missing', 'There is no file in the request', detail, { errors });
}

export function encodedPart(): Problem {
  const detail = 'Send the bytes of the file as they are, without the header Content-Transfer-Encoding in its part.';
  return new Problem(415, 'unsupported_content_encoding', 'Unsupported content encoding', detail);
}

export function oneFileOnly(): Problem {
  const detail = 'Send one file per request, and nothing else with it.';
  return new Problem(422, 'one_file_only', 'The request holds more than one file', detail);
}

export function fileTooLarge(maxBytes: number): Problem {
  const detail = `A file may have ${maxBytes} bytes (${Math.floor(maxBytes / 1024 / 1024)} MiB). Make it smaller, or split it.`;
  return new Problem(413, 'file_too_large', 'The file is too large', detail, { maxBytes });
}

/** Nobody reads it: the client has disconnected. */
export function uploadInterrupted(): Problem {
  return new Problem(400, 'upload_interrupted', 'The upload was interrupted', 'Send the whole request again.');
}
