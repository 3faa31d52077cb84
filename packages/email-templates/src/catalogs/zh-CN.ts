import type { Catalog } from './en.js';

export const zhCN: Catalog = {
  ticket: '客服工单 <link>{number}</link>',
  tickets: '<link>客服工单</link>',
  labelled: '{label}：{value}',
  moment: '{date} {time}',
  zone: '{name}（{offset}）',
  momentInZone: '{moment}，{zone}',
  requester: {
    created: {
      subject: '我们已收到您的客服工单 {number}',
      heading: '我们已收到您的工单',
      body: '客服团队会跟进处理，一有进展便会通过邮件通知您。您可以随时在工单页面补充信息。',
      action: '查看工单',
    },
    replied: {
      subject: '{count, plural, other {您的客服工单 {number} 有 # 条新回复}}',
      heading: '{count, plural, other {您有 #\u00A0条新回复}}',
      body: '客服团队已回复您的工单。请打开工单查看回复，并继续沟通。',
      action: '查看并回复',
    },
    information_requested: {
      subject: '您的客服工单 {number} 需要补充信息',
      heading: '我们需要您补充一些信息',
      body: '为了继续处理您的工单，我们还需要了解一些细节。请打开工单查看所需信息，并在工单页面回复。',
      action: '查看所需信息',
      deadline: '回复截止时间',
    },
    resolved: {
      subject: '您的客服工单 {number} 已解决',
      heading: '您的工单已解决',
      body: '客服团队已将问题标记为“已解决”。如果问题依然存在，请在工单页面告诉我们。',
      action: '查看工单',
    },
    promise_missed: {
      subject: '您的客服工单 {number} 处理有所延迟',
      heading: '抱歉，处理有所延迟',
      body: '我们未能在承诺的时间内给您答复，对此深表歉意。您的工单仍在处理中，我们会尽快与您联系。您无需进行任何操作。',
      action: '查看工单',
      deadline: '承诺答复时间',
    },
  },
  guest: {
    link: {
      subject: '您的客服工单 {number} 的新链接',
      heading: '您的工单新链接',
      body: '有人在我们的客服页面申请了此工单的新链接。如果不是您本人操作，请忽略本邮件。',
      action: '查看工单',
    },
  },
  code: {
    subject: '您的客服工单 {number} 的验证码',
    heading: '您的一次性验证码',
    body: '请在您申请验证码的页面输入。验证码仅在该浏览器中有效。',
    deadline: '有效期至',
    validity: '{count, plural, other {自您申请起 #\u00A0分钟内有效。}}',
    secret: '任何人都不会通过邮件、电话或聊天向您索要此验证码，请勿告诉他人。',
    ignore: '如果您没有申请验证码，请忽略本邮件。没有验证码，任何操作都不会生效。',
    noReply: '直接回复本邮件不会有人查看。',
    reason: '您收到本邮件，是因为有人在我们的客服页面输入了您的邮箱地址。',
  },
  agent: {
    created: {
      subject: '收到新的客服工单 {number}',
      heading: '收到新工单',
      body: '请打开工单查看内容并开始处理。',
      action: '打开工单',
    },
    tickets_waiting: {
      subject: '{count, plural, other {有 # 个客服工单待处理}}',
      heading: '{count, plural, other {有 #\u00A0个工单等待团队处理}}',
      body: '短时间内收到了许多新工单和客户回复，因此合并为这一封邮件。请打开列表并开始处理。',
      action: '打开列表',
    },
    customer_replied: {
      subject: '{count, plural, other {客服工单 {number} 有 # 条客户新回复}}',
      heading: '{count, plural, other {客户有 #\u00A0条新回复}}',
      body: '请打开工单查看并回复。',
      action: '打开工单',
    },
    assigned: {
      subject: '客服工单 {number} 已分配给您',
      heading: '有一个工单已分配给您',
      body: '此工单现由您负责。请打开工单查看对话并回复。',
      action: '打开工单',
    },
    reopened: {
      subject: '客服工单 {number} 已重新打开',
      heading: '工单已重新打开',
      body: '问题尚未完全解决。请打开工单查看后续需要处理的内容。',
      action: '打开工单',
    },
    promise_at_risk: {
      subject: '客服工单 {number} 即将超时',
      heading: '工单即将超时',
      body: '承诺的答复时间将至，客户仍在等待。请及时回复。',
      action: '打开工单',
      deadline: '承诺答复时间',
    },
    promise_missed: {
      subject: '客服工单 {number} 已超时',
      heading: '工单已超时',
      body: '承诺的答复时间已过，客户仍在等待。请尽快回复。',
      action: '打开工单',
      deadline: '承诺答复时间',
    },
  },
  links: {
    guest: '此链接仅限本邮箱使用：打开工单前，页面会要求您输入我们发送到本邮箱的一次性验证码。',
    inbound_guest: '此链接仅供您本人使用，请勿转发本邮件。',
  },
  phrase: {
    label: '您的防钓鱼码',
    note: '我们的每封工单邮件都会显示此码。若未显示，请勿相信该邮件。',
  },
  notices: {
    noReply: '本邮件仅为通知，直接回复不会有人查看。如需回复，请前往工单页面。',
    safety: '我们绝不会通过邮件索要密码、验证码或助记词。',
  },
  reasons: {
    customer: '您收到本邮件，是因为此客服工单是通过您的账户创建的。',
    guest: '您收到本邮件，是因为此客服工单是使用您的邮箱地址创建的。',
    agent: '您收到本邮件，是因为您负责此工单或属于客服团队。',
  },
};
