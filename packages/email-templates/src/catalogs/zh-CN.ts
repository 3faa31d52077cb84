import type { Catalog } from './en.js';

export const zhCN: Catalog = {
  ticket: '客服工单 <link>{number}</link>',
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
      heading: '{count, plural, other {您有 # 条新回复}}',
      body: '客服团队已回复您。请打开工单查看回复并继续沟通。',
      action: '查看并回复',
    },
    information_requested: {
      subject: '您的客服工单 {number} 需要补充信息',
      heading: '我们需要您补充一些信息',
      body: '为了继续处理您的工单，我们还需要了解一些细节。请打开工单查看所需信息，并在工单页面回复。',
      action: '查看所需信息',
      deadline: '请在此时间前回复',
    },
    resolved: {
      subject: '您的客服工单 {number} 已解决',
      heading: '您的工单已解决',
      body: '客服团队已将问题标记为“已解决”。如果问题依然存在，请打开工单告诉我们。',
      action: '查看工单',
    },
    promise_missed: {
      subject: '您的客服工单 {number} 处理有所延迟',
      heading: '抱歉，处理有所延迟',
      body: '我们未能在承诺的时间内给您答复，对此深表歉意。您的工单仍在处理中，我们会尽快与您联系。您无需进行任何操作。',
      action: '查看工单',
      deadline: '承诺时间',
    },
  },
  agent: {
    created: {
      subject: '收到新的客服工单 {number}',
      heading: '收到新工单',
      body: '请打开工单查看内容并开始处理。',
      action: '打开工单',
    },
    customer_replied: {
      subject: '{count, plural, other {客服工单 {number} 有 # 条客户新回复}}',
      heading: '{count, plural, other {客户有 # 条新回复}}',
      body: '请打开工单查看并回复。',
      action: '打开工单',
    },
    assigned: {
      subject: '客服工单 {number} 已分配给您',
      heading: '有一个工单分配给了您',
      body: '此工单现由您负责。请打开工单查看对话并回复。',
      action: '打开工单',
    },
    reopened: {
      subject: '客服工单 {number} 已重新打开',
      heading: '工单已重新打开',
      body: '问题尚未完全解决。请打开工单查看还需要做什么。',
      action: '打开工单',
    },
    promise_at_risk: {
      subject: '客服工单 {number} 即将到期',
      heading: '工单即将到期',
      body: '承诺时间将至，客户仍在等待。请在此之前回复。',
      action: '打开工单',
      deadline: '承诺时间',
    },
    promise_missed: {
      subject: '客服工单 {number} 已逾期',
      heading: '工单已逾期',
      body: '承诺时间已过，客户仍在等待。请立即回复。',
      action: '打开工单',
      deadline: '承诺时间',
    },
  },
  notices: {
    guestLink: '此链接仅限本邮箱使用：显示工单之前，我们会先向本邮箱发送一次性验证码。',
    noReply: '本邮件仅为通知，直接回复将无人查看。请前往工单页面回复。',
    safety: '我们绝不会通过邮件索要密码、验证码或助记词。',
  },
  reasons: {
    customer: '您收到本邮件，是因为此客服工单是通过您的账户创建的。',
    guest: '您收到本邮件，是因为此客服工单是使用您的邮箱地址创建的。',
    agent: '您收到本邮件，是因为您负责此工单或属于客服团队。',
  },
};
