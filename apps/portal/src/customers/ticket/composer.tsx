import { MAX_BODY_LENGTH } from '@bellhop/contracts/constants';
import type { TicketView } from '@bellhop/contracts/http';
import { type DragEvent, type FormEvent, type RefObject, useRef, useState } from 'react';
import { useSay } from '../../shared/intl.js';
import type { Pending } from '../../shared/outbox.js';
import type { Turn } from '../../shared/turn.js';
import { Button } from '../../shared/ui.js';
import { useMoments } from '../../shared/use-moment.js';
import { FileButton, FileList } from './files.js';
import { SensitiveNotice } from './sensitive-notice.js';
import { useText } from './use-text.js';

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
  const { draft, write, clear, uploads, removeFile } = useText({ person: owner, ticket: ticket.id, kind: 'answer' });
  const { isOver, ...dropping } = useDrop(uploads.add);

  const canSend = (draft.body.trim() !== '' || draft.files.length > 0) && !uploads.isUploading;
  const send = (event: { preventDefault(): void }) => {
    event.preventDefault();
    box.current?.focus();
    if (!canSend) return;
    onSend({ key: draft.key, body: draft.body.trim(), files: draft.files });
    clear();
    requestAnimationFrame(onSent);
  };

  return (
    <form
      onSubmit={(event: FormEvent) => send(event)}
      {...dropping}
      className={`border-t border-line bg-card px-4 pt-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] sm:rounded-t-xl sm:border-x ${isOver ? 'outline-2 -outline-offset-4 outline-accent outline-dashed' : ''}`}
    >
      {ticket.status === 'resolved' && <p className="mb-2 text-sm text-quiet">{say('composer.reopens')}</p>}
      <FileList attachments={draft.files} uploads={uploads} onRemove={removeFile} />
      <SensitiveNotice text={draft.body} />
      <AnswerBox
        box={box}
        body={draft.body}
        onType={(body) => write(() => ({ body }))}
        onFiles={uploads.add}
        onSend={send}
      />
      <Foot turn={turn} onFiles={uploads.add} canSend={canSend} isUploading={uploads.isUploading} />
    </form>
  );
}

function useDrop(onFiles: (files: readonly File[]) => void) {
  const [isOver, setOver] = useState(false);
  return {
    isOver,
    onDragOver: (event: DragEvent) => {
      event.preventDefault();
      setOver(true);
    },
    onDragLeave: () => setOver(false),
    onDrop: (event: DragEvent) => {
      event.preventDefault();
      setOver(false);
      onFiles([...event.dataTransfer.files]);
    },
  };
}

interface BoxProps {
  box: RefObject<HTMLTextAreaElement | null>;
  body: string;
  onType: (body: string) => void;
  onFiles: (files: readonly File[]) => void;
  onSend: (event: { preventDefault(): void }) => void;
}

function AnswerBox({ box, body, onType, onFiles, onSend }: BoxProps) {
  const say = useSay();
  return (
    <div
      data-text={body}
      className="grows mt-2 max-h-[40dvh] overflow-y-auto rounded-lg border border-edge first:mt-0 has-focus-visible:outline-2 has-focus-visible:outline-accent"
    >
      <textarea
        ref={box}
        rows={1}
        aria-label={say('composer.label')}
        placeholder={say('composer.placeholder')}
        maxLength={MAX_BODY_LENGTH}
        value={body}
        onChange={({ target }) => onType(target.value)}
        onPaste={(event) => {
          const files = [...event.clipboardData.files];
          if (files.length === 0) return;
          event.preventDefault();
          onFiles(files);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !event.nativeEvent.isComposing)
            onSend(event);
        }}
        className="resize-none overflow-hidden bg-transparent outline-none placeholder:text-quiet"
      />
    </div>
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
  const promise = turn.sentence === 'turn.oursBy' ? turn.by : null;
  const hint = promise ? say('composer.promise', { by: deadline(promise) }) : say('composer.files');
  return (
    <div className="mt-2 flex items-center gap-2">
      <FileButton onFiles={onFiles} />
      <p className="me-auto min-w-0 text-[13px] leading-tight text-quiet">
        {isUploading ? say('composer.uploading') : hint}
      </p>
      <Button type="submit" aria-disabled={!canSend}>
        {say('composer.send')}
      </Button>
    </div>
  );
}
