// An OpenID provider for tests/tests/real_provider.rs. Its own environment: ISSUER, RESOURCES (space-separated audiences),
// CERTIFICATE and KEY (PEM). It serves HTTPS for those who fetch keys and plain HTTP for the test, both on free ports of
// 127.0.0.1, prints one line of JSON with the ports, and then obeys lines on standard input, each answered by one line:
//
//   rotate     another key signs from now on; those before stay published
//   withdraw   only the key that signs stays published
//
// It ends when standard input does.

import { generateKeyPairSync } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { createInterface } from 'node:readline';
import { Provider } from 'oidc-provider';

// Standard output is for the answers alone.
console.info = console.error;

const { ISSUER, RESOURCES, CERTIFICATE, KEY } = process.env;
const resources = RESOURCES.split(' ');
let keys = [newKey()];
let answer = start();

function newKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  // Without a kid: the provider names a key by its thumbprint (RFC 7638).
  return { ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig' };
}

function start() {
  const provider = new Provider(ISSUER, {
    // The first key that fits signs.
    jwks: { keys },
    clients: [
      {
        client_id: 'robot',
        client_secret: 'a-secret-of-nobody',
        token_endpoint_auth_method: 'client_secret_post',
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
    ],
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        // RFC 9068 tokens: only with a resource are they JWTs.
        getResourceServerInfo: (_, resource) => {
          if (!resources.includes(resource)) throw new Error('no such resource');
          return {
            audience: resource,
            scope: 'orders.read orders.write',
            accessTokenFormat: 'jwt',
            accessTokenTTL: 300,
            jwt: { sign: { alg: 'RS256' } },
          };
        },
      },
    },
  });
  provider.proxy = true;
  return provider.callback();
}

const handle = (request, response) => answer(request, response);
const plain = http.createServer(handle);
const tls = https.createServer({ cert: CERTIFICATE, key: KEY }, handle);
const listening = (server) => new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
console.log(JSON.stringify({ plain: await listening(plain), tls: await listening(tls) }));

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  keys = line === 'rotate' ? [newKey(), ...keys] : keys.slice(0, 1);
  answer = start();
  console.log(JSON.stringify({ keys: keys.length }));
});
lines.on('close', () => process.exit(0));
