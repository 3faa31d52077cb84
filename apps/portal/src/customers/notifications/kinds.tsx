import { useState } from 'react';
import { type MessageId, useSay } from '../../shared/intl.js';
import { Card } from '../../shared/ui.js';
import { CHANNELS, holdOf, isMasterHeld, withCell, withMaster } from './preferences.js';
import { Cell, Switch } from './switch.js';
import type { PartProps } from './use-settings.js';

/** What comes on which way: a switch for each whole channel, and one for each kind on it. */
export function Kinds({ settings, onChange }: PartProps) {
  const say = useSay();
  /** Of the switch that was pressed in vain: a phone shows no titles. */
  const [reason, setReason] = useState<MessageId | null>(null);
  const change: PartProps['onChange'] = (how) => {
    setReason(null);
    onChange(how);
  };
  return (
    <Card className="overflow-x-auto px-4 py-1.5 sm:px-4.5">
      <table className="w-full border-collapse">
        <thead>
          <tr className="text-[13px] text-quiet">
            <th scope="col" className="py-3 text-start font-normal">
              {say('settings.when')}
            </th>
            {CHANNELS.map((channel) => (
              <th key={channel} scope="col" className="w-16 py-3 text-center font-normal sm:w-22">
                {say(`channel.${channel}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line border-t border-line">
          <Masters settings={settings} onChange={change} onHeld={setReason} />
          {settings.kinds.map((row) => (
            <tr key={row.kind}>
              <th scope="row" className="py-3 pe-2 text-start font-normal">
                {say(`kind.${row.kind}`, { count: 1 })}
              </th>
              {CHANNELS.map((channel) => (
                <td key={channel} className="py-2 text-center">
                  <Cell
                    isOn={row.channels[channel].isOn}
                    hold={holdOf(settings, row, channel)}
                    name={`${say(`kind.${row.kind}`, { count: 1 })}: ${say(`channel.${channel}`)}`}
                    onSwitch={(isOn) => change((known) => withCell(known, row.kind, channel, isOn))}
                    onHeld={setReason}
                  />
                </td>
              ))}
            </tr>
          ))}
          <Codes />
        </tbody>
      </table>
      <p role="status" className={`text-sm text-accent ${reason ? 'border-t border-line py-3' : ''}`}>
        {reason && say(reason)}
      </p>
    </Card>
  );
}

function Masters({ settings, onChange, onHeld }: PartProps & { onHeld: (reason: MessageId) => void }) {
  const say = useSay();
  return (
    <tr>
      <th scope="row" className="py-3 pe-2 text-start font-semibold">
        {say('settings.everything')}
      </th>
      {CHANNELS.map((channel) => (
        <td key={channel} className="py-2 text-center">
          <Switch
            isOn={settings.channels[channel]}
            name={`${say('settings.everything')}: ${say(`channel.${channel}`)}`}
            reason={isMasterHeld(settings, channel) ? 'settings.lastChannel' : null}
            onSwitch={(isOn) => onChange((known) => withMaster(known, channel, isOn))}
            onHeld={onHeld}
          />
        </td>
      ))}
    </tr>
  );
}

/** They follow no setting: without them nobody gets in. */
function Codes() {
  const say = useSay();
  return (
    <tr>
      <th scope="row" className="py-3 pe-2 text-start font-normal">
        {say('settings.codes')}
      </th>
      <td className="text-center text-quiet">–</td>
      <td className="text-center text-quiet">–</td>
      <td className="text-center text-[13px] text-quiet">{say('settings.always')}</td>
    </tr>
  );
}
