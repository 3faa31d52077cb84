import type { AttachmentView } from '@bellhop/contracts/http';
import { type ApiProblem, problemOf } from './api.js';

export interface Upload {
  /** 0 to 1. */
  onProgress(part: number): void;
  signal: AbortSignal;
}

/** By XMLHttpRequest: `fetch` does not tell how much has been sent. @throws ApiProblem */
export function upload(file: File, { onProgress, signal }: Upload): Promise<AttachmentView> {
  const { promise, resolve, reject } = withResolvers<AttachmentView>();
  const request = new XMLHttpRequest();
  const fail = (problem: ApiProblem) => reject(problem);
  request.open('POST', '/api/attachments');
  request.setRequestHeader('accept', 'application/json');
  request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total);
  request.onerror = () => fail(problemOf(0, '', null));
  request.onabort = () => reject(signal.reason);
  request.onload = () => {
    const { status, responseText } = request;
    if (status === 201) resolve(JSON.parse(responseText) as AttachmentView);
    else fail(problemOf(status, responseText, request.getResponseHeader('retry-after')));
  };
  signal.addEventListener('abort', () => request.abort(), { once: true });
  const form = new FormData();
  form.append('file', file, file.name);
  request.send(form);
  return promise;
}

/** `Promise.withResolvers` is younger than some phones. */
function withResolvers<T>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((taken, refused) => {
    resolve = taken;
    reject = refused;
  });
  return { promise, resolve, reject };
}
