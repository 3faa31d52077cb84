import { type ClipboardEvent, type DragEvent, type FormEvent, useCallback, useRef, useState } from 'react';
import { useSay } from '../../shared/intl.js';
import type { Pending } from '../../shared/outbox.js';
import type { AttachmentView, TicketView } from '../../shared/shapes.js';
import type { Turn } from '../../shared/turn.js';
import { Button } from '../../shared/ui.js';
import { useMoments } from '../../shared/use-moment.js';
import { FileButton, FileList } from './files.js';
import { SensitiveNotice } from './sensitive-notice.js';
import { useDraft } from './use-draft.js';
import { removeUpload, useUploads } from './use-uploads.js';

const MAX_BODY_LENGTH = 20_000;

interface Props {
  /** Whose draft it is. */
  owner: string;
  ticket: Pick<TicketView, 'id' | 'status'>;
  turn: Turn;
  onSend: (text: Pick<Pending, 'key' | 'body' | 'files'>) => void;
  onSent: () => void;
}

/** The answer box: grows with its text, takes files by choice, paste and drop, and keeps everything until it is sent. */
export function Composer({ owner, ticket, turn, onSend, onSent }: Props) {
  const say = useSay();
  const box = useRef<HTMLTextAreaElement>(null);
  const { draft, write, clear } = useDraft({ person: owner, ticket: ticket.id, kind: 'answer' });
  const onDone = useCallback((file: AttachmentView) => write(({ files }) => ({ files: [...files, file] })), [write]);
  const files = useUploads({ count: draft.files.length, onDone });
  const [isOver, setOver] = useState(false);

  const hasContent = draft.body.trim() !== '' || draft.files.length > 0;
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (!hasContent || files.isUploading) return box.current?.focus();
    onSend({ key: draft.key, body: draft.body.trim(), files: draft.files });
    clear();
    box.current?.focus();
    requestAnimationFrame(onSent);
  };
  const paste = (event: ClipboardEvent) => {
    const pasted = [...event.clipboardData.files];
    if (pasted.length === 0) return;
    event.preventDefault();
    files.add(pasted);
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    files.add([...event.dataTransfer.files]);
  };
  const remove = (file: AttachmentView) => {
    removeUpload(file.id);
    write((known) => ({ files: known.files.filter(({ id }) => id !== file.id) }));
  };

  return (
    <form
      onSubmit={send}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={`border-t border-line bg-card px-4 pt-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] sm:rounded-t-xl sm:border-x ${isOver ? 'outline-2 -outline-offset-4 outline-accent outline-dashed' : ''}`}
    >
      {ticket.status === 'resolved' && <p className="mb-2 text-sm text-quiet">{say('composer.reopens')}</p>}
      <FileList
        {...{ attachments: draft.files, uploads: files.uploads, onRemove: remove }}
        onRetry={files.retry}
        onCancel={files.cancel}
      />
      <SensitiveNotice text={draft.body} />
      <div
        data-text={draft.body}
        className="grows max-h-[40dvh] overflow-y-auto rounded-lg border border-edge has-focus-visible:outline-2 has-focus-visible:outline-accent"
      >
        <textarea
          ref={box}
          rows={1}
          aria-label={say('composer.label')}
          placeholder={say('composer.placeholder')}
          maxLength={MAX_BODY_LENGTH}
          value={draft.body}
          onChange={({ target }) => write(() => ({ body: target.value }))}
          onPaste={paste}
          onKeyDown={(event) => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.nativeEvent.isComposing)
              send(event);
          }}
          className="resize-none overflow-hidden bg-transparent outline-none placeholder:text-quiet"
        />
      </div>
      <Foot
        turn={turn}
        onFiles={files.add}
        canSend={hasContent && !files.isUploading}
        isUploading={files.isUploading}
      />
    </form>
  );
}

interface FootProps {
  turn: Turn;
  onFiles: (files: readonly File[]) => void;
  canSend: boolean;
  isUploading: boolean;
}

function Foot({ turn, onFiles, canSend, isUploading }: FootProps) {
  const say = useSay();
  const { deadline } = useMoments();
  const isPromised = turn.sentence === 'turn.oursBy' && turn.by !== null;
  return (
    <div className="mt-2 flex items-center gap-2">
      <FileButton onFiles={onFiles} />
      <p className="me-auto min-w-0 text-[13px] leading-tight text-quiet">
        {isUploading
          ? say('composer.uploading')
          : isPromised && turn.by
            ? say('composer.promise', { by: deadline(turn.by) })
            : say('composer.files')}
      </p>
      <Button type="submit" aria-disabled={!canSend}>
        {say('composer.send')}
      </Button>
    </div>
  );
}
