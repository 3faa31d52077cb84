import type { AttachmentView } from '@bellhop/contracts/http';
import { Plus, RotateCw, X } from 'lucide-react';
import { useRef } from 'react';
import { ACCEPTED, fileSize } from '../../shared/files.js';
import { useLanguage, useSay } from '../../shared/intl.js';
import type { Upload } from './use-uploads.js';

export function FileButton({ onFiles }: { onFiles: (files: readonly File[]) => void }) {
  const say = useSay();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        aria-label={say('files.add')}
        title={say('files.limits')}
        onClick={() => input.current?.click()}
        className="grid size-11 shrink-0 place-items-center rounded-lg"
      >
        <Plus aria-hidden="true" size={22} />
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept={ACCEPTED}
        onChange={({ target }) => {
          onFiles([...(target.files ?? [])]);
          // The same file may be chosen again.
          target.value = '';
        }}
      />
    </>
  );
}

interface ListProps {
  attachments: readonly AttachmentView[];
  uploads: { uploads: readonly Upload[]; retry: (upload: Upload) => void; cancel: (upload: Upload) => void };
  onRemove: (file: AttachmentView) => void;
}

export function FileList({ attachments, uploads: { uploads, retry, cancel }, onRemove }: ListProps) {
  const say = useSay();
  const { dates } = useLanguage();
  if (attachments.length + uploads.length === 0) return null;
  return (
    <ul aria-label={say('files.list')} className="mb-2 max-h-52 space-y-1 overflow-y-auto">
      {attachments.map((file) => (
        <li key={file.id} className="flex items-center gap-2 text-sm">
          <span className="truncate">{file.name}</span>
          <span className="me-auto shrink-0 text-quiet">{fileSize(file.sizeBytes, dates)}</span>
          <IconButton label={say('files.remove', { name: file.name })} onClick={() => onRemove(file)} icon="remove" />
        </li>
      ))}
      {uploads.map((one) => (
        <li key={one.id} className="text-sm">
          <div className="flex items-center gap-2">
            <span className="me-auto truncate">{one.file.name}</span>
            {!one.problem && (
              <progress
                aria-label={say('files.progress', { name: one.file.name })}
                value={one.progress}
                className="h-1.5 w-24 shrink-0 accent-accent"
              />
            )}
            {one.canRetry && (
              <IconButton label={say('files.retry', { name: one.file.name })} onClick={() => retry(one)} icon="retry" />
            )}
            <IconButton
              label={say('files.remove', { name: one.file.name })}
              onClick={() => cancel(one)}
              icon="remove"
            />
          </div>
          {one.problem && (
            <p role="alert" className="text-bad">
              {say(one.problem)}
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}

function IconButton({ label, icon, onClick }: { label: string; icon: 'remove' | 'retry'; onClick: () => void }) {
  const Icon = icon === 'remove' ? X : RotateCw;
  return (
    <button
      type="button"
      aria-label={label}
      onClick={onClick}
      className="grid size-9 shrink-0 place-items-center rounded"
    >
      <Icon aria-hidden="true" size={16} />
    </button>
  );
}
