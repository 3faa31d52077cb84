import { MAX_ATTACHMENTS } from '@bellhop/contracts/constants';
import type { AttachmentView } from '@bellhop/contracts/http';
import { useCallback, useRef, useState } from 'react';
import { call } from '../../shared/api.js';
import { fileProblem } from '../../shared/files.js';
import type { MessageId } from '../../shared/intl.js';
import { codeOf, problemWords } from '../../shared/problem-words.js';
import { upload } from '../../shared/upload.js';

/** A file that is on its way, or could not be taken. One that has arrived belongs to the draft. */
export interface Upload {
  readonly id: string;
  readonly file: File;
  /** 0 to 1. */
  readonly progress: number;
  readonly problem: MessageId | null;
  /** The same file may be taken at another time. */
  readonly canRetry: boolean;
}

const AT_ONCE = 3;

interface Options {
  /** Files of the draft already. */
  count: number;
  onDone: (attachment: AttachmentView) => void;
}

export function useUploads({ count, onDone }: Options) {
  const [uploads, setUploads] = useState<readonly Upload[]>([]);
  const waiting = useRef<Upload[]>([]);
  const running = useRef(new Map<string, AbortController>());

  const change = useCallback((id: string, next: Partial<Upload> | null) => {
    setUploads((known) => known.flatMap((one) => (one.id !== id ? one : next ? { ...one, ...next } : [])));
  }, []);

  const run = useCallback(async () => {
    const next = running.current.size < AT_ONCE ? waiting.current.shift() : undefined;
    if (!next) return;
    const abort = new AbortController();
    running.current.set(next.id, abort);
    void run();
    try {
      const onProgress = (progress: number) => change(next.id, { progress });
      onDone(await upload(next.file, { onProgress, signal: abort.signal }));
      change(next.id, null);
    } catch (error) {
      const code = codeOf(error);
      const canRetry = !/^file_|^too_large/.test(code);
      if (!abort.signal.aborted) change(next.id, { problem: problemWords(code), canRetry });
    } finally {
      running.current.delete(next.id);
      void run();
    }
  }, [change, onDone]);

  const begin = (chosen: readonly Upload[]) => {
    waiting.current.push(...chosen.filter(({ problem }) => !problem));
    void run();
  };
  const add = (files: readonly File[]) => {
    const room = MAX_ATTACHMENTS - count - uploads.filter(({ problem }) => !problem).length;
    const chosen = files.map((file, at) => uploadOf(file, at < room));
    setUploads((known) => [...known, ...chosen]);
    begin(chosen);
  };
  const retry = (one: Upload) => {
    const again = { ...one, progress: 0, problem: null };
    change(one.id, again);
    begin([again]);
  };
  const cancel = ({ id }: Upload) => {
    waiting.current = waiting.current.filter((one) => one.id !== id);
    running.current.get(id)?.abort(new DOMException('cancelled', 'AbortError'));
    change(id, null);
  };
  return { uploads, add, retry, cancel, isUploading: uploads.some(({ problem }) => !problem) };
}

function uploadOf(file: File, hasRoom: boolean): Upload {
  const problem = fileProblem(file) ?? (hasRoom ? null : 'file.tooMany');
  return { id: crypto.randomUUID(), file, progress: 0, problem, canRetry: false };
}

/** An upload that is in no message gives its room back. What fails is removed by the service within a day. */
export function removeUpload(id: string): void {
  call(`/api/attachments/${id}`, { method: 'DELETE' }).catch(() => undefined);
}
