import { SmtpPoolFloor } from '../floors/smtp-pool-floor.js';
import { ratio } from '../report/figures.js';
import type { Context, Row } from '../row.js';
import { URGENT } from '../world/events.js';
import { SmtpSinkProcess } from '../world/smtp-sink.js';
import { World } from '../world/world.js';
import { delivered } from './delivered.js';
import { goal } from './goal.js';

const AT_LEAST = 0.85;

export const smtp: Row = {
  name: 'smtp',
  title: 'event → taken by a mail server over SMTP',
  async run({ isQuick, measure }: Context) {
    const count = isQuick ? 300 : 2_000;
    const sink = await SmtpSinkProcess.start();
    const world = await World.start({ apps: ['notifications'], emailUrl: sink.url });
    try {
      await delivered(world, count / 5, URGENT);
      const floor = await SmtpPoolFloor.prepare(sink.port);
      const { Bellhop: ours, ...others } = await measure({
        Bellhop: () => delivered(world, count, URGENT),
        "nodemailer's pool alone": () => floor.send(count),
      });
      floor.close();
      return {
        unit: 'mails/s',
        figures: [ours],
        others: Object.values(others),
        goals: [goal(ratio(ours, others["nodemailer's pool alone"]), AT_LEAST, "× nodemailer's pool alone")],
      };
    } finally {
      await world.stop();
      await sink.stop();
    }
  },
};
