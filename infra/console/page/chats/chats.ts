import type { Convert } from './blocks.ts';
import { dingTalkMessage } from './dingtalk.ts';
import { discordMessage } from './discord.ts';
import { emailMessage } from './email.ts';
import { feishuMessage } from './feishu.ts';
import { googleChatMessage } from './googlechat.ts';
import { slackMessage } from './slack.ts';
import { teamsMessage } from './teams.ts';
import { telegramMessage } from './telegram.ts';
import { weComMessage } from './wechat.ts';

/** By sink type. What another sink sends is shown as it is. */
export const chats: Readonly<Partial<Record<string, Convert>>> = {
  slack: slackMessage,
  teams: teamsMessage,
  feishu: feishuMessage,
  discord: discordMessage,
  googlechat: googleChatMessage,
  telegram: telegramMessage,
  dingtalk: dingTalkMessage,
  wechat: weComMessage,
  email: emailMessage,
};
