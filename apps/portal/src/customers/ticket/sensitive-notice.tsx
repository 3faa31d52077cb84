import { useSay } from '../../shared/intl.js';
import { sensitiveIn } from '../../shared/sensitive.js';
import { Notice } from '../../shared/ui.js';

/** Warns before something leaves that nobody should have to send. */
export function SensitiveNotice({ text }: { text: string }) {
  const say = useSay();
  const found = sensitiveIn(text);
  return found && <Notice>{say(`sensitive.${found}`)}</Notice>;
}
