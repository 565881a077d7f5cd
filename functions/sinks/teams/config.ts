import * as z from 'zod/mini';
import { alikeInChats } from '../../core/chat/groups.ts';
import { chatFields } from '../../core/chat/options.ts';
import { defineConfig, field, httpUrl, secret } from '../../core/contract/config.ts';

const retired: readonly (readonly [RegExp, string])[] = [
  [
    /^https:\/\/([\w-]+\.)*(webhook\.office\.com|outlook\.office(365)?\.com)([/:?]|$)/i,
    'is the URL of an Office connector, which is retired: add the workflow "Send webhook alerts to a channel" in Teams, and take its URL',
  ],
  [
    /^https:\/\/([\w-]+\.)*logic\.azure\.com([/:?]|$)/i,
    'is an address that flows of Teams lost on 30 November 2025: open the flow, and take the URL that its trigger shows now',
  ],
];

const webhookUrl = () =>
  httpUrl().check(
    z.superRefine((url, issues) => {
      for (const [pattern, message] of retired) if (pattern.test(url)) issues.addIssue(message);
    }),
  );

const mention = () =>
  z.strictObject({
    id: z
      .string()
      .check(
        z.regex(
          /^(?:[\w.+'-]+@[\w.-]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i,
          'expected a user principal name, such as jane@example.com, or an Entra object id',
        ),
      ),
    name: z.string().check(z.regex(/^[^<>&*_[\]\\`\n]{1,64}$/, 'expected a name without markup')),
  });

export const config = defineConfig({
  type: 'teams',
  title: 'Microsoft Teams',
  chat: true,
  alike: alikeInChats,
  options: z.strictObject({
    ...chatFields,
    shape: field(
      z._default(z.enum(['message', 'card']), 'message'),
      "message for the flows of Microsoft's own templates; card for a flow of your own that posts the body of its trigger as a card.",
      'card',
    ),
    mentions: field(
      z._default(z.array(mention()).check(z.maxLength(20)), []),
      'Members of the team who are mentioned in critical messages: user principal name or Entra object id, and the name to show.',
      [{ id: 'jane@example.com', name: 'Jane Doe' }],
    ),
  }),
  secrets: z.strictObject({
    webhookUrl: field(
      secret(webhookUrl()),
      'The URL that the workflow shows. Its signature makes it a secret.',
      'https://default0a1b.00.environment.api.powerplatform.com/powerautomate/automations/direct/workflows/...&sig=...',
    ),
  }),
  codes: {
    throttled: {
      status: 'retry',
      meaning: 'Teams or the flow takes no more messages for now.',
      advice: 'Nothing, if rare. Else narrow the filter, or find out who else posts through this flow.',
    },
    delivery_failed: {
      status: 'retry',
      meaning: 'The message was taken and then not posted; the detail says why.',
      advice: 'Nothing, unless it lasts: then see to what the detail names.',
    },
    unreadable_reply: {
      status: 'retry',
      meaning: 'The reply is none that a flow gives.',
      advice: 'Check that `webhookUrl` leads to the flow itself and not to a proxy or a login page.',
    },
    flow_off: {
      status: 'rejected',
      meaning: 'The flow is turned off, suspended or deleted.',
      advice: 'Turn it on in Power Automate (or in the Workflows app of Teams), then replay.',
    },
    flow_gone: {
      status: 'rejected',
      meaning: 'There is no such flow any more.',
      advice: 'Add a workflow to the channel and put its URL into the secret `webhookUrl`, then replay.',
    },
    schema_mismatch: {
      status: 'rejected',
      meaning: 'The trigger of the flow has a schema of its own, which the message does not match.',
      advice: 'Empty the schema in the trigger, or set the `shape` that it expects; then replay.',
    },
    url_refused: {
      status: 'rejected',
      meaning: 'The signature in the URL is missing or wrong, or only some may trigger the flow.',
      advice: 'Let "Anyone" trigger the flow, copy its URL into the secret `webhookUrl` whole, then replay.',
    },
    message_refused: {
      status: 'rejected',
      meaning: 'The flow could not read the message.',
      advice: 'Look at the event; report it to this project with the detail.',
    },
    message_too_long: {
      status: 'rejected',
      meaning: 'Teams found the message too large, although it was kept below the limit that is known.',
      advice: 'Shorten the labels and links; report it to this project with the detail.',
    },
  },
});
