// Starts a server with a demonstration of its own, and stops it and forgets its data afterwards. What it logged in all the stories, at its
// most talkative, is searched for personal data.
import { spawn } from 'node:child_process'
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { CLIENT, startProvider } from './provider.ts'

/** ID numbers, telephone numbers, bank accounts, and what the stories' people suffer from. */
const PERSONAL = [/(?<!\d)\d{17}[\dX](?!\d)/, /(?<!\d)1[3-9]\d{9}(?!\d)/, /(?<!\d)62\d{14,17}(?!\d)/, /肺炎|阑尾炎|胆囊结石|骨折/]

/** A request's id may hold eleven digits in a row, which are nobody's telephone number. */
const REQUEST_ID = /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g

function mustTellNothing(log: string): void {
  const lines = readFileSync(log, 'utf8').replaceAll(REQUEST_ID, '').split('\n')
  if (lines.length < 100) throw new Error(`the server's log has ${lines.length} lines: it isn't the log of all stories`)
  const told = lines.filter((line) => PERSONAL.some((p) => p.test(line)))
  if (told.length) throw new Error(`${told.length} lines of the server's log hold personal data, the first: ${told[0]?.slice(0, 400)}`)
}

/** The provider of single sign-on must know the server's address before it runs. */
async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((done) => probe.listen(0, '127.0.0.1', done))
  const { port } = probe.address() as AddressInfo
  await new Promise((done) => probe.close(done))
  return port
}

export default async function start(): Promise<() => Promise<void>> {
  const data = mkdtempSync(join(tmpdir(), 'huzhu-e2e-'))
  const program = join(process.env.CARGO_TARGET_DIR ?? new URL('../target', import.meta.url).pathname, 'debug/huzhu')
  const listen = `127.0.0.1:${await freePort()}`
  const { issuer, stop } = await startProvider(`http://${listen}`)
  const signOn = { HUZHU_PUBLIC_URL: `http://${listen}`, HUZHU_SIGN_ON_ISSUER: issuer, HUZHU_SIGN_ON_CLIENT: CLIENT.id, HUZHU_SIGN_ON_SECRET: CLIENT.secret, HUZHU_SIGN_ON_NAME: '统一身份认证' }
  const server = spawn(program, ['demo', '--data-dir', data, '--listen', listen], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...signOn, HUZHU_LOG: 'debug', NO_COLOR: '1' } })
  const log = join(data, 'server.log')
  const written = server.stderr.pipe(createWriteStream(log))
  createInterface({ input: server.stderr }).on('line', (line) => / (WARN|ERROR) /.test(line) && console.error(line))
  const url = await new Promise<string>((found, failed) => {
    createInterface({ input: server.stdout }).on('line', (line) => line.startsWith('http://') && found(line))
    server.once('exit', (code) => failed(new Error(`the server stopped with ${code}`)))
  })
  process.env.HUZHU_URL = url
  // For stories that use the command line beside the running server.
  Object.assign(process.env, { HUZHU_PROGRAM: program, HUZHU_E2E_DATA: data })
  return async () => {
    const gone = new Promise((done) => server.once('exit', done))
    server.kill('SIGTERM')
    await gone
    stop()
    await new Promise((done) => written.end(done))
    mustTellNothing(log)
    rmSync(data, { recursive: true, force: true })
  }
}
