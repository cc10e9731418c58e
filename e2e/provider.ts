// A certified OpenID Connect provider with made-up people, for the stories of single sign-on: whoever types a name is believed.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'

export const CLIENT = { id: 'huzhu', secret: randomBytes(16).toString('hex') }

/** Who the provider says somebody is: the name that they go by may be given to another later. */
const people = new Map<string, string>()

/** Starts it for a server that browsers reach at `url`; gives back its address, and how it is stopped. */
export async function startProvider(url: string): Promise<{ issuer: string; stop: () => void }> {
  // Another host than the server's: a browser takes the two for two sites, as they will be.
  const http = createServer()
  await new Promise<void>((done) => http.listen(0, 'localhost', done))
  const issuer = `http://localhost:${(http.address() as AddressInfo).port}`
  const provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [`${url}/api/session/sign-on/back`] }],
    claims: { openid: ['sub', 'amr'], profile: ['preferred_username'] },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    features: { devInteractions: { enabled: false } },
    findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, preferred_username: people.get(sub) }) }),
    interactions: { url: (_, interaction) => `/who/${interaction.uid}` },
    jwks: { keys: [{ ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), use: 'sig' }] },
    async loadExistingGrant(ctx) {
      const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client?.clientId, accountId: ctx.oidc.session?.accountId })
      grant.addOIDCScope('openid profile')
      await grant.save()
      return grant
    },
    pkce: { required: () => true },
    ttl: { AccessToken: 60, AuthorizationCode: 60, Grant: 600, IdToken: 60, Interaction: 600, Session: 600 },
  })
  const answer = provider.callback()
  http.on('request', (asked: IncomingMessage, told: ServerResponse) => {
    const at = new URL(asked.url ?? '/', issuer)
    if (!at.pathname.startsWith('/who/')) return void answer(asked, told)
    const [name, sub] = [at.searchParams.get('name'), at.searchParams.get('sub')]
    if (at.searchParams.has('no')) return void provider.interactionFinished(asked, told, { error: 'access_denied' })
    if (name && sub) {
      people.set(sub, name)
      const amr = at.searchParams.has('otp') ? ['pwd', 'otp'] : ['pwd']
      return void provider.interactionFinished(asked, told, { login: { accountId: sub, amr, remember: false } })
    }
    told.setHeader('content-type', 'text/html; charset=utf-8')
    told.end(`<!doctype html><html lang="zh"><title>统一身份认证</title><link rel="icon" href="data:,"><form>
      <label>姓名拼音 <input name="name"></label><label>工号 <input name="sub"></label><label><input type="checkbox" name="otp"> 短信验证</label>
      <button>确定</button><button name="no" value="1">取消</button></form>`)
  })
  return { issuer, stop: () => http.close() }
}
