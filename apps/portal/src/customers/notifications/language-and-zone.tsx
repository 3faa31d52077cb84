import { useSay } from '../../shared/intl.js';
import { LANGUAGES, languageOf, languages } from '../../shared/languages.js';
import { Card } from '../../shared/ui.js';
import { requestOf } from './preferences.js';
import { fieldLook, type PartProps } from './use-settings.js';

/** In which language messages come, and by which clock. The language of the pages is chosen in the menu, for this browser. */
export function LanguageAndZone(props: PartProps) {
  const say = useSay();
  return (
    <section className="space-y-2.5">
      <h2 className="text-[17px] font-semibold">{say('settings.languageAndZone')}</h2>
      <Card className="space-y-3 px-4 py-3.5 sm:px-5.5">
        <LanguageChoice {...props} />
        <ZoneChoice {...props} />
      </Card>
    </section>
  );
}

function LanguageChoice({ settings, onChange }: PartProps) {
  const say = useSay();
  const { locale } = settings;
  return (
    <label className="flex flex-wrap items-center gap-x-3 gap-y-1">
      <span>{say('settings.language')}</span>
      <select
        value={locale === null ? '' : languageOf([locale])}
        onChange={({ target }) => {
          const chosen = target.value || null;
          onChange((known) => ({ ...requestOf(known), locale: chosen }));
        }}
        className={fieldLook}
      >
        <option value="">{say('settings.asAccount')}</option>
        {languages.map((language) => (
          <option key={language} value={language} lang={language}>
            {LANGUAGES[language].name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** This browser's own and the one that is set come first: nobody finds them among four hundred. */
function zonesWith(set: string | null): string[] {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return [...new Set([...(set ? [set] : []), own, ...Intl.supportedValuesOf('timeZone'), 'UTC'])];
}

function ZoneChoice({ settings, onChange }: PartProps) {
  const say = useSay();
  const { timeZone, effectiveTimeZone } = settings;
  const fallback = timeZone === null ? ` (${effectiveTimeZone})` : '';
  return (
    <label className="flex max-w-full flex-wrap items-center gap-x-3 gap-y-1">
      <span>{say('settings.zone')}</span>
      <select
        value={timeZone ?? ''}
        onChange={({ target }) => {
          const chosen = target.value || null;
          onChange((known) => ({ ...requestOf(known), timeZone: chosen }));
        }}
        className={fieldLook}
      >
        <option value="">{`${say('settings.asAccount')}${fallback}`}</option>
        {zonesWith(timeZone).map((zone) => (
          <option key={zone} value={zone}>
            {zone.replaceAll('_', ' ')}
          </option>
        ))}
      </select>
    </label>
  );
}
