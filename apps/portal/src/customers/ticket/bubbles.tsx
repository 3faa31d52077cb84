import type { AttachmentView, MessageView } from '@bellhop/contracts/http';
import { FileText } from 'lucide-react';
import type { ReactNode } from 'react';
import { fileSize } from '../../shared/files.js';
import { useLanguage, useSay } from '../../shared/intl.js';
import { piecesOf } from '../../shared/linkify.js';
import type { Pending } from '../../shared/outbox.js';
import { problemWords } from '../../shared/problem-words.js';
import { Button } from '../../shared/ui.js';
import { useMoments } from '../../shared/use-moment.js';

interface BubbleProps {
  id: string;
  isOwn: boolean;
  head: ReactNode;
  body: string;
  files: readonly AttachmentView[];
  /** Its files may not be opened yet, and it is read out when it has arrived. */
  isOnItsWay?: boolean;
  children?: ReactNode;
}

function Bubble({ id, isOwn, head, body, files, isOnItsWay = false, children }: BubbleProps) {
  return (
    <article
      data-id={id}
      aria-live={isOnItsWay ? 'off' : undefined}
      className={`flex max-w-[88%] flex-col sm:max-w-[80%] ${isOwn ? 'items-end self-end' : 'items-start self-start'}`}
    >
      <p className="mx-1 mb-1 text-[13px] text-quiet">{head}</p>
      <div
        className={`max-w-full rounded-xl border border-line px-3.5 py-3 ${isOwn ? 'rounded-ee-sm bg-tint' : 'rounded-es-sm bg-card'}`}
      >
        {body && <Text text={body} />}
        {files.length > 0 && (
          <ul className={`flex flex-wrap gap-2 ${body ? 'mt-2' : ''}`}>
            {files.map((file) => (
              <li key={file.id} className="max-w-full">
                <FileChip file={file} hasLink={!isOnItsWay} />
              </li>
            ))}
          </ul>
        )}
      </div>
      {children}
    </article>
  );
}

/** As it was written: only its addresses become links, and each shows where it leads. */
function Text({ text }: { text: string }) {
  let at = 0;
  return (
    <div className="whitespace-pre-wrap [overflow-wrap:anywhere]">
      {piecesOf(text).map((piece) => {
        const key = at;
        at += piece.text.length;
        if (!piece.href) return piece.text;
        return (
          <a
            key={key}
            href={piece.href}
            target="_blank"
            rel="noopener noreferrer nofollow ugc"
            className="text-accent underline"
          >
            {piece.text}
            {piece.host && ` (${piece.host})`}
          </a>
        );
      })}
    </div>
  );
}

function FileChip({ file, hasLink }: { file: AttachmentView; hasLink: boolean }) {
  const { dates } = useLanguage();
  const content = (
    <>
      <FileText aria-hidden="true" size={16} className="shrink-0" />
      <span className="truncate">{file.name}</span>
      <span className="shrink-0 text-quiet">{fileSize(file.sizeBytes, dates)}</span>
    </>
  );
  const look = 'flex min-h-9 max-w-full items-center gap-2 rounded-lg border border-line bg-card px-2.5 py-1 text-sm';
  if (!hasLink) return <span className={look}>{content}</span>;
  return (
    <a
      href={`/api/attachments/${file.id}`}
      download={file.name}
      className={`${look} underline-offset-2 hover:underline`}
    >
      {content}
    </a>
  );
}

export function MessageBubble({ id, message }: { id: string; message: MessageView }) {
  const say = useSay();
  const { moment } = useMoments();
  const isOwn = message.author === 'customer';
  const who = isOwn ? 'message.you' : (`message.${message.kind}` as const);
  const head = (
    <>
      {say(who)} · <time dateTime={message.createdAt}>{moment(message.createdAt)}</time>
    </>
  );
  return <Bubble {...{ id, isOwn, head }} body={message.body} files={message.attachments} />;
}

interface PendingProps {
  id: string;
  pending: Pending;
  onAgain: () => void;
  onDrop: () => void;
}

/** An answer on its way. One that failed stays, with its files, until it is sent or taken away. */
export function PendingBubble({ id, pending, onAgain, onDrop }: PendingProps) {
  const say = useSay();
  const isFailed = pending.state === 'failed';
  const head = say(isFailed ? 'message.notSent' : pending.state === 'sent' ? 'message.you' : 'message.sending');
  return (
    <Bubble {...{ id, head }} isOwn body={pending.body} files={pending.files} isOnItsWay>
      {isFailed && (
        <div role="alert" className="mx-1 mt-1 text-end text-sm">
          <p className="text-bad">{say(problemWords(pending.reason ?? 'unreachable'))}</p>
          <div className="flex justify-end gap-3">
            <Button look="link" onClick={onDrop}>
              {say('message.drop')}
            </Button>
            <Button look="link" onClick={onAgain}>
              {say('again')}
            </Button>
          </div>
        </div>
      )}
    </Bubble>
  );
}
