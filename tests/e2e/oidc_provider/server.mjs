// A certified OpenID provider on the loopback interface, for the tests of signing in.
//
// Prints one line of JSON with its issuer when it is ready. Anybody may sign in, by any password.
// GET /test/counts tells how many requests to the token endpoint succeeded and failed.
import http from 'node:http';

import { errors, Provider } from 'oidc-provider';

const server = http.createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const device = 'urn:ietf:params:oauth:grant-type:device_code';
const native = {
  token_endpoint_auth_method: 'none',
  application_type: 'native',
  // Any port will do for a native client (RFC 8252 section 7.3).
  redirect_uris: ['http://127.0.0.1/callback'],
  response_types: ['code'],
};

const provider = new Provider(issuer, {
  clients: [
    { ...native, client_id: 'polaris', grant_types: ['authorization_code', 'refresh_token', device] },
    // May not do what the tests ask of it.
    { ...native, client_id: 'limited', grant_types: ['authorization_code'] },
    // Its device codes are good for a second.
    { ...native, client_id: 'brief', grant_types: ['authorization_code', 'refresh_token', device] },
    // Is told once for each device code that it asks too often.
    { ...native, client_id: 'hurried', grant_types: ['authorization_code', 'refresh_token', device] },
    // A hub of one's own, which lets its users sign in here.
    {
      ...native,
      client_id: 'hub',
      client_secret: 'only for tests',
      token_endpoint_auth_method: 'client_secret_basic',
      redirect_uris: ['http://127.0.0.1/oauth2/external/callback'],
      grant_types: ['authorization_code'],
    },
    // Is turned away by the token endpoint.
    { ...native, client_id: 'unwelcome', grant_types: ['authorization_code', 'refresh_token', device] },
  ],
  claims: { openid: ['sub'], profile: ['username'], email: ['email'] },
  cookies: { keys: ['only-for-tests'] },
  features: {
    deviceFlow: { enabled: true },
    devInteractions: { enabled: true },
    introspection: { enabled: true },
    revocation: { enabled: true },
  },
  findAccount: async (_, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, username: id, email: `${id}@example.org` }),
  }),
  issueRefreshToken: async () => true,
  pkce: { required: () => true },
  rotateRefreshToken: true,
  scopes: ['openid', 'profile', 'email', 'offline_access'],
  ttl: { AccessToken: 3600, RefreshToken: 86400, DeviceCode: (_ctx, _token, client) => (client.clientId === 'brief' ? 1 : 600), Grant: 86400, Session: 86400, Interaction: 3600 },
});

// The provider has these errors, and no reason of its own to send them.
const findCode = provider.DeviceCode.find.bind(provider.DeviceCode);
const hurried = new Set();
provider.DeviceCode.find = async (value, options) => {
  const code = await findCode(value, options);
  if (Provider.ctx?.oidc?.route !== 'token') return code;
  if (code?.clientId === 'unwelcome') throw new errors.UnauthorizedClient('not by device codes');
  if (code?.clientId === 'hurried' && !hurried.has(value)) {
    hurried.add(value);
    throw new errors.SlowDown();
  }
  return code;
};

const counts = {};
const count = (name) => { counts[name] = (counts[name] ?? 0) + 1; };
provider.on('grant.success', (ctx) => count(`success ${ctx.oidc.params.grant_type}`));
provider.on('grant.error', (ctx, error) => count(`error ${error.error}`));
provider.on('grant.revoked', () => count('revoked'));

const answer = provider.callback();
server.on('request', (request, response) => {
  if (request.url === '/test/counts') {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(counts));
    return;
  }
  answer(request, response);
});
process.stdout.write(`${JSON.stringify({ issuer })}\n`);
