/* A real OpenID provider for tests: `oidc-provider`, certified, with its own pages for signing in.
 *
 * `node provider.mjs CALLBACK` listens on a free port and prints its issuer. Whoever signs in as `olena` is Olena;
 * claims of others are told to `PUT /people/NAME`. `PUT /tamper` with the names of claims and other values has it
 * sign ID tokens that say those instead, as a provider does that is broken or not the one it seems to be.
 */
import { createServer } from "node:http";
import { SignJWT, decodeJwt, exportJWK, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";

const CLIENT = "vikno";
const SECRET = "a secret of the test";
const KEY = "test";

const { privateKey } = await generateKeyPair("RS256", { extractable: true });
const jwk = { ...(await exportJWK(privateKey)), kid: KEY, use: "sig", alg: "RS256" };
const people = new Map();
let tampered = {};

const server = createServer((request, response) => answer(request, response));
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  answer = provider(issuer).callback();
  process.stdout.write(`${issuer}\n`);
});
let answer = null;

function provider(issuer) {
  const made = new Provider(issuer, {
    clients: [{ client_id: CLIENT, client_secret: SECRET, redirect_uris: [process.argv[2]] }],
    claims: { email: ["email", "email_verified"], profile: ["name", "groups"] },
    conformIdTokenClaims: false, // claims in the ID token, as directories of cities have them
    cookies: { keys: ["a key of the test"] },
    jwks: { keys: [jwk] },
    pkce: { required: () => true },
    findAccount: (_context, id) => ({ accountId: id, claims: async () => ({ sub: id, ...people.get(id) }) }),
  });
  made.use(control);
  return made;
}

/** What tests tell it, and what it tells wrongly when they want it to. */
async function control(context, next) {
  if (context.method === "PUT") {
    const told = JSON.parse(await bodyOf(context.req));
    if (context.path === "/tamper") tampered = told;
    else people.set(context.path.split("/").pop(), told);
    context.status = 204;
    return;
  }
  await next();
  if (context.path === "/token" && context.body && context.body.id_token && Object.keys(tampered).length > 0) {
    const claims = { ...decodeJwt(context.body.id_token), ...tampered };
    const signer = tampered.forged ? (await generateKeyPair("RS256")).privateKey : privateKey;
    const token = await new SignJWT(claims).setProtectedHeader({ alg: "RS256", kid: KEY }).sign(signer);
    context.body = { ...context.body, id_token: token };
  }
}

async function bodyOf(request) {
  let text = "";
  for await (const part of request) text += part;
  return text;
}
