// What drills have in common: processes that are started and ended, people who work through HTTP and ask again when a server died.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { crc32, deflateSync } from 'node:zlib'
import net from 'node:net'

export const program = `${process.env.CARGO_TARGET_DIR ?? 'target'}/debug/huzhu`
export const bucket = `${process.env.CARGO_TARGET_DIR ?? 'target'}/debug/examples/s3`
export const seconds = n => new Promise(done => setTimeout(done, n * 1000))
export const sha256 = bytes => createHash('sha256').update(bytes).digest('hex')

const running = new Set()

/** Starts a process and waits for the line that says that it is ready. */
export function start(command, args, env = {}, ready = /^http/m) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  let [said, complained] = ['', '']
  child.stderr.on('data', part => (complained = (complained + part).slice(-4000)))
  child.complaints = () => complained
  child.ended = new Promise(done => child.on('exit', code => (running.delete(child), done(code))))
  return new Promise((done, failed) => {
    child.on('error', failed)
    child.ended.then(code => failed(new Error(`${command} ${args.join(' ')} ended with ${code}: ${complained}`)))
    child.stdout.on('data', part => {
      said += part
      if (ready.test(said)) done(Object.assign(child, { url: said.match(/^http\S+/m)?.[0], said }))
    })
    if (ready.source === '(?:)') done(child)
  })
}

/** Runs a command to its end: what it said, or a failure. */
export async function run(command, args, env = {}) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let [said, complained] = ['', '']
  child.stdout.on('data', part => (said += part))
  child.stderr.on('data', part => (complained += part))
  const code = await new Promise(done => child.on('exit', done))
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${code}\n${said}\n${complained}`)
  return said
}

/** Ends everything that was started. */
export async function over() {
  // nginx ends its workers when it is asked to end; everything else may die as it stands.
  for (const child of running) child.kill(child.spawnfile === 'nginx' ? 'SIGTERM' : 'SIGKILL')
  await Promise.all([...running].map(child => child.ended))
}

export function freePort() {
  return new Promise(done => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => done(port))
    })
  })
}

/** A PNG of nothing but its pixels, another one for each number: it leaves the server as it came. */
export function png(n) {
  const chunk = (kind, content) => {
    const body = Buffer.concat([Buffer.from(kind), content])
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(content.length)
    check.writeUInt32BE(checksum(body))
    return Buffer.concat([length, body, check])
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(32, 0)
  head.writeUInt32BE(32, 4)
  head.set([8, 2], 8)
  const rows = Buffer.alloc(32 * 97)
  for (let i = 0; i < rows.length; i++) rows[i] = i % 97 === 0 ? 0 : (i * 7 + n * 131 + (n >> 8) * 17) & 255
  rows.writeUInt32BE(n, 1)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10])
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))])
}

// Node 20.15 and 22 have it; before there is none in its own library.
const checksum = crc32 ?? (bytes => {
  let crc = ~0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
})

/** What was asked and how long it took. */
export const figures = { asked: 0, took: [], retried: 0, statuses: {} }

/** Somebody with a browser: asks again, once, where no server answered or one says that it is busy. */
export class Person {
  retries = 0
  worst = 0

  constructor(url, name) {
    Object.assign(this, { url, name, cookie: '' })
  }

  async signIn() {
    const answer = await this.ask('POST', '/api/session', { json: { username: this.name, password: 'huzhu-demo' } })
    if (answer.status !== 200) throw new Error(`${this.name}: ${answer.status} ${answer.text()}`)
    return this
  }

  /** The same session at another address. */
  at(url) {
    return Object.assign(new Person(url, this.name), { cookie: this.cookie })
  }

  async ask(method, path, { json, form, headers = {} } = {}, tries = 1, pause = 0.2) {
    for (let tried = 0; ; tried++) {
      const answer = await this.once(method, path, json, form, headers)
      if (answer.status < 500 || tried >= tries) {
        this.worst = Math.max(this.worst, tried)
        return Object.assign(answer, { tried })
      }
      this.retries += 1
      figures.retried += 1
      await seconds(pause)
    }
  }

  async once(method, path, json, form, headers) {
    const began = performance.now()
    const sent = { method, headers: { ...headers, cookie: this.cookie }, body: form?.() }
    if (json) Object.assign(sent, { body: JSON.stringify(json), headers: { ...sent.headers, 'content-type': 'application/json' } })
    let [status, bytes] = [599, Buffer.from('no answer')]
    try {
      const answer = await fetch(this.url + path, sent)
      bytes = Buffer.from(await answer.arrayBuffer())
      status = answer.status
      const set = answer.headers.getSetCookie().map(cookie => cookie.split(';')[0])
      if (set.length > 0) this.cookie = set.join('; ')
    } catch {
      // No whole answer came.
    }
    figures.asked += 1
    figures.took.push(performance.now() - began)
    figures.statuses[status] = (figures.statuses[status] ?? 0) + 1
    return { status, bytes, text: () => bytes.toString(), json: () => JSON.parse(bytes.toString()) }
  }

  /** What must succeed. */
  async must(expected, ...asked) {
    const answer = await this.ask(...asked)
    if (answer.status !== expected) throw new Error(`${this.name} ${asked[0]} ${asked[1]}: ${answer.status} ${answer.text().slice(0, 400)}`)
    return answer
  }

  upload(id, kind, picture) {
    const form = () => {
      const parts = new FormData()
      parts.append('kind', kind)
      parts.append('file', new Blob([picture]), 'p.png')
      return parts
    }
    return this.must(201, 'POST', `/api/cases/${id}/materials`, { form })
  }
}

/** Days on which the manual's example was covered, the first and the last of the year. */
export const [FIRST_DAY, LAST_DAY] = [61, 364]
export const day = n => new Date(Date.UTC(2023, 0, 1) + n * 86_400_000).toISOString().slice(0, 10)
export const MANUAL_ID = '142625196607196202'

/** The rows of 确认受理 for somebody and a day. */
export async function claims(person, incident, types) {
  const query = { id_kind: 'resident_id', id_number: MANUAL_ID, incident_date: incident }
  const found = (await person.must(200, 'POST', '/api/acceptance/eligibility', { json: query })).json()
  return found.rows
    .filter(row => types.includes(row.claim_type))
    .map(row => ({
      coverage_id: row.coverage_id,
      liability_code: row.liability_code,
      claim_type: row.claim_type,
      incident_date: incident,
      duplicate_reason: '已核实',
    }))
}

export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
