import { OpenSession } from '../customers/guest-session.js';
import { MailForm } from '../customers/mail-check/mail-check-page.js';
import { Verdict } from '../customers/mail-check/verdict.js';
import { Kinds } from '../customers/notifications/kinds.js';
import { LanguageAndZone } from '../customers/notifications/language-and-zone.js';
import { Muted } from '../customers/notifications/mute.js';
import { MuteList } from '../customers/notifications/mutes.js';
import { NotRead } from '../customers/notifications/not-read.js';
import { PhraseState } from '../customers/notifications/phrase.js';
import { Saved } from '../customers/notifications/settings-page.js';
import { Times } from '../customers/notifications/times.js';
import { problemOf } from '../shared/api.js';
import { Card } from '../shared/ui.js';
import { checkProblems, guest, mutes, phrases, settings, verdicts } from './settings-samples.js';
import { States } from './states.js';

const nothing = () => undefined;
const unreachable = problemOf(0, '', null);

/** The states of what a person decides, and of a mail that is checked. */
export function SettingsStates() {
  return (
    <>
      <States name="times, kinds">
        <Times settings={settings} onChange={nothing} />
        <Kinds settings={settings} onChange={nothing} />
        <LanguageAndZone settings={settings} onChange={nothing} />
        <Saved isBusy isDone={false} error={null} at={1} />
        <Saved isBusy={false} isDone error={null} at={1} />
        <Saved isBusy={false} isDone={false} error={unreachable} at={1} />
      </States>
      <States name="mutes">
        <Muted mute={{ isMuted: true, isBusy: false, error: null, toggle: nothing }} />
        <Muted mute={{ isMuted: false, isBusy: false, error: unreachable, toggle: nothing }} />
        <Card>
          <MuteList mutes={[]} />
        </Card>
        <Card>
          <MuteList mutes={mutes} />
        </Card>
        <Card>
          <NotRead error={unreachable} onAgain={nothing} />
        </Card>
      </States>
      <States name="phrase">
        {phrases.map(({ name, ...phrase }) => (
          <Card key={name} className="space-y-3 px-4 py-3.5">
            <p className="text-sm text-quiet">{name}</p>
            <PhraseState {...phrase} />
          </Card>
        ))}
      </States>
      <States name="guest's session">
        <OpenSession guest={guest} error={null} onEnd={nothing} />
        <OpenSession guest={guest} error={unreachable} onEnd={nothing} />
      </States>
      <States name="is this mail from you">
        <MailForm text="" setText={nothing} problem={null} isBusy onMail={nothing} />
        {checkProblems.map((problem) => (
          <MailForm
            key={problem?.id ?? ''}
            text=""
            setText={nothing}
            problem={problem}
            isBusy={false}
            onMail={nothing}
          />
        ))}
        {verdicts.map((answer) => (
          <Verdict key={answer.reason} answer={answer} onAnew={nothing} />
        ))}
      </States>
    </>
  );
}
