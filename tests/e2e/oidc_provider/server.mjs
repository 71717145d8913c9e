// A certified OpenID provider on the loopback interface, for the tests of signing in.
//
// Prints one line of JSON with its issuer when it is ready. Anybody may sign in, by any password.
// GET /test/counts tells how many requests to the token endpoint succeeded and failed.
import http from 'node:http';

import { Provider } from 'oidc-provider';

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
  ttl: { AccessToken: 3600, RefreshToken: 86400, DeviceCode: 600, Grant: 86400, Session: 86400, Interaction: 3600 },
});

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
