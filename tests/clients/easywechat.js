// A third-party platform on node-easywechat: only its base URL is changed. Each line on standard input is one
// step as JSON, each line on standard output its result.
'use strict';

const readline = require('node:readline');
const { OpenPlatform } = require('node-easywechat');

const [url, componentAppid, secret, appid] = process.argv.slice(2);

class Memory {
  constructor() { this.values = new Map(); }
  async has(key) { return this.values.has(key); }
  async get(key, otherwise = null) { return this.values.has(key) ? this.values.get(key) : otherwise; }
  async set(key, value) { this.values.set(key, value); return true; }
  async delete(key) { return this.values.delete(key); }
  async clear() { this.values.clear(); return true; }
}

const platform = new OpenPlatform({
  app_id: componentAppid,
  secret,
  token: 'token',
  aes_key: 'a'.repeat(43),
  http: { baseURL: `${url}/` },
});
platform.setCache(new Memory());

let miniApp = null;

const steps = {
  ticket: async ({ value }) => { await platform.getVerifyTicket().setTicket(value); return {}; },
  authorize: async ({ code }) => (await platform.getAuthorization(code)).toObject(),
  open: async ({ refreshToken }) => {
    miniApp = await platform.getMiniAppWithRefreshToken(appid, refreshToken);
    return {};
  },
  forget: async () => {
    await platform.getCache().clear();
    return {};
  },
  refreshComponent: async () => { await platform.getComponentAccessToken().refresh(); return {}; },
  platform: async ({ path, body }) =>
    (await platform.getClient().request('post', path, { json: body })).toObject(),
  call: async ({ path, body }) =>
    (await miniApp.getClient().request('post', path, { json: body })).toObject(),
};

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { step, ...given } = JSON.parse(line);
    const result = await steps[step](given).catch((error) => ({ thrown: error.message }));
    process.stdout.write(`${JSON.stringify(result)}\n`);
  }
})();
