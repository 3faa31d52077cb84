import type { AttachmentView } from '@bellhop/contracts/http';
import { useCallback } from 'react';
import type { Place } from '../../shared/drafts.js';
import { useDraft } from './use-draft.js';
import { removeUpload, useUploads } from './use-uploads.js';

/** A text with files, as it is being written. */
export function useText(place: Place) {
  const { draft, write, clear } = useDraft(place);
  const onDone = useCallback((file: AttachmentView) => write(({ files }) => ({ files: [...files, file] })), [write]);
  const uploads = useUploads({ count: draft.files.length, onDone });
  const removeFile = (file: AttachmentView) => {
    removeUpload(file.id);
    write((known) => ({ files: known.files.filter(({ id }) => id !== file.id) }));
  };
  return { draft, write, clear, uploads, removeFile };
}
