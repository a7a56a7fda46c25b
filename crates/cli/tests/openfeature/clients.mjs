// Asks for flags as published OpenFeature clients do, and says what they got: one line of JSON each.
import { OpenFeature } from '@openfeature/server-sdk';
import { OFREPProvider } from '@openfeature/ofrep-provider';
import { OpenFeature as Web } from '@openfeature/web-sdk';
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';
import { EventSource } from 'eventsource';

// Browsers have one; Node has none that is not behind an option.
globalThis.EventSource = EventSource;

const baseUrl = process.env.ADDRESS;
const say = (name, value) => console.log(JSON.stringify({ [name]: value }));
const told = ({ value, variant, reason, errorCode }) => ({ value, variant, reason, errorCode });

await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl }));
const server = OpenFeature.getClient();
const staff = { targetingKey: 'user-1', email: 'maya@example.com' };
say('server', {
  boolean: told(await server.getBooleanDetails('boolean', false, staff)),
  string: told(await server.getStringDetails('string', 'x', staff)),
  number: told(await server.getNumberDetails('number', 1, staff)),
  object: told(await server.getObjectDetails('object', {}, staff)),
  rule: told(await server.getStringDetails('rule', 'x', staff)),
  others: told(await server.getStringDetails('rule', 'x', { targetingKey: 'user-2' })),
  disabled: (await server.getBooleanDetails('disabled', true, staff)).value,
  missing: told(await server.getBooleanDetails('missing', true, staff)),
  wrong: told(await server.getNumberDetails('string', 7, staff)),
});

await Web.setContext(staff);
await Web.setProviderAndWait(new OFREPWebProvider({ baseUrl, pollInterval: -1 }));
const web = Web.getClient();
say('web', {
  boolean: told(web.getBooleanDetails('boolean', false)),
  rule: told(web.getStringDetails('rule', 'x')),
  missing: told(web.getBooleanDetails('missing', true)),
});
web.addHandler('PROVIDER_CONFIGURATION_CHANGED', () => say('changed', web.getBooleanValue('boolean', true)));
process.stdin.on('end', () => process.exit(0)).resume();
