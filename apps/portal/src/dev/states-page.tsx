import { ProblemPage } from '../customers/problem-page.js';
import { MessageBubble, PendingBubble } from '../customers/ticket/bubbles.js';
import { Ending } from '../customers/ticket/ending.js';
import { FileList } from '../customers/ticket/files.js';
import { TicketHeader } from '../customers/ticket/ticket-header.js';
import { TurnLine } from '../customers/ticket/turn-line.js';
import { TicketRowLink } from '../customers/tickets/ticket-row.js';
import { problemOf } from '../shared/api.js';
import { turnOf } from '../shared/turn.js';
import { Button, Card, Empty, Field, inputLook, Loading, Notice } from '../shared/ui.js';
import { agentMessages, ownMessage, pendings, problems, tickets, uploads } from './samples.js';
import { SettingsStates } from './settings-states.js';
import { States } from './states.js';

const nothing = () => undefined;

/** Every state of every part on one page, to look at in each language, width and colour scheme. Only while developing. */
export function StatesPage() {
  return (
    <div className="mx-auto max-w-3xl space-y-8 px-4 py-8">
      <h1 className="text-2xl font-semibold">States</h1>
      <States name="turn">
        {tickets.map((ticket) => (
          <TurnLine key={ticket.id} turn={turnOf(ticket, new Date())} />
        ))}
      </States>
      <States name="row">
        <Card>
          <ul className="divide-y divide-line">
            {tickets.map((ticket) => (
              <TicketRowLink key={ticket.id} row={ticket} />
            ))}
          </ul>
        </Card>
      </States>
      <States name="messages">
        <div className="flex flex-col gap-3">
          {[ownMessage, ...agentMessages].map((message) => (
            <MessageBubble key={message.id} id={message.id} message={message} />
          ))}
          {pendings.map((pending) => (
            <PendingBubble key={pending.key} id={pending.key} pending={pending} onAgain={nothing} onDrop={nothing} />
          ))}
        </div>
      </States>
      <States name="files">
        <FileList
          attachments={ownMessage.attachments}
          uploads={{ uploads, retry: nothing, cancel: nothing }}
          onRemove={nothing}
        />
      </States>
      <WholeParts />
      <SettingsStates />
    </div>
  );
}

function WholeParts() {
  return (
    <>
      <States name="header and ending">
        {tickets.map((ticket) => (
          <div key={ticket.id}>
            <TicketHeader ticket={ticket} canChange />
            <Ending ticket={ticket} canReopen={ticket.unread === 0} />
          </div>
        ))}
      </States>
      <States name="buttons, fields, notices">
        <div className="flex flex-wrap gap-3">
          <Button>Main</Button>
          <Button isBusy>Busy</Button>
          <Button look="quiet">Quiet</Button>
          <Button look="link">Link</Button>
        </div>
        <Field id="sample" label="Label" hint="A hint" problem="What is wrong">
          <input id="sample" className={inputLook} />
        </Field>
        <Notice>To know</Notice>
        <Notice isBad>What went wrong, and what to do</Notice>
      </States>
      <States name="loading, empty, refused">
        <Loading />
        <Empty heading="Nothing here">A way on</Empty>
        {problems.map(([status, code]) => (
          <ProblemPage key={code} error={problemOf(status, JSON.stringify({ code }), null)} onAgain={nothing} />
        ))}
      </States>
    </>
  );
}
