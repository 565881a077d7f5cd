import * as z from 'zod/mini';
import { field } from '../contract/config.ts';
import { templateText } from '../kit/template.ts';
import { isTimeZone } from './time.ts';

/** Links beyond these would push the message out of a phone's screen. */
const MAX_LINKS = 5;

/** The options that every chat sink has: spread them into its strict object. */
export const chatFields = {
  language: field(
    z._default(z.enum(['en', 'zh']), 'en'),
    'The language of messages: en (English) or zh (Chinese).',
    'zh',
  ),
  timeZone: field(
    z._default(z.string().check(z.refine(isTimeZone, 'expected an IANA time zone such as Asia/Shanghai')), 'UTC'),
    'The IANA time zone of the times in messages.',
    'Asia/Shanghai',
  ),
  links: field(
    z._default(
      z
        .record(z.string().check(z.regex(/\S/, 'expected a title that is not blank'), z.maxLength(40)), templateText())
        .check(z.refine((links) => Object.keys(links).length <= MAX_LINKS, `expected at most ${MAX_LINKS} links`)),
      {},
    ),
    'Links under a message, title to URL. A URL may hold ${ ... } expressions over the event, whose values are percent-encoded; one that does not become an http or https URL is left out.',
    { Logs: 'https://grafana.example.com/explore?pod=${ event.object.name }' },
  ),
  labels: field(
    z._default(z.array(z.string().check(z.minLength(1), z.maxLength(200))).check(z.maxLength(10)), []),
    'Lines shown with every message, such as who owns the cluster.',
    ['Owner: platform team'],
  ),
};

const chatSchema = z.strictObject(chatFields);

export type ChatOptions = Readonly<z.infer<typeof chatSchema>>;
export type Language = ChatOptions['language'];
